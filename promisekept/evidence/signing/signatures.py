"""Who stands for a bundle, and since when: checking what lies in `signatures/`.

Here: that each release is whole, is by one key under the certificate that the reader trusts, was dated by an authority that
the reader trusts, and states this bundle. Not here: making releases (release.py); whether the bundle is whole (verifying.py).
`verify.sh` does the same with openssl.

The certificate must have been valid at the time of the token; where there is none it would have to be valid now, and the
release is rejected all the same, because every release is made with a token.
"""

from __future__ import annotations

import hashlib
import os
import re
import ssl
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import SIGNATURES, TAG_MANIFEST, file_sha512, fingerprint
from promisekept.evidence.signing.openssl import TRUST_NOTHING_ELSE, openssl
from promisekept.evidence.signing.statement import Statement, read_statement
from promisekept.evidence.signing.timestamps import OPERATOR_ASSERTED, checked_time

PARTS = (".p7s", ".tsr", ".statement.txt", ".statement.sig")
_NAME = re.compile(r"(?P<release>release-[1-9][0-9]{0,2})(?:\.p7s|\.tsr|\.statement\.txt|\.statement\.sig)")
_FIRST = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)


@dataclass(frozen=True, slots=True)
class Trust:
    """What the reader was given through another channel.

    Attributes:
        signer: PEM of the certificate of who signs, or of its authority.
        time: PEM of the certificate of the time authority, or of its root.
    """

    signer: Path
    time: Path


@dataclass(frozen=True, slots=True)
class Release:
    """One release that holds: what was stated, and the time of its token."""

    number: int
    statement: Statement
    at: datetime


def check_signatures(folder: Path, trust: Trust | None) -> tuple[list[Release], list[str]]:
    """Check every release of a bundle.

    Args:
        folder: of the bundle.
        trust: None = the reader has named no certificates; a released bundle can't be accepted then.

    Returns:
        The releases that hold, and what is wrong.
    """
    place = folder / SIGNATURES
    there = sorted(path.name for path in place.iterdir()) if place.is_dir() else []
    problems = [f"{SIGNATURES}/{name} is no part of a release" for name in there if not _NAME.fullmatch(name)]
    stems = sorted({match["release"] for name in there if (match := _NAME.fullmatch(name))}, key=_number)
    if there and trust is None:
        return [], [*problems, "it is signed, and you named no certificates to check that against (--trust and --time-trust)"]
    if trust is None:
        return [], problems
    if not stems:
        problems.append("it is not signed")
    releases = []
    for stem in stems:
        try:
            releases.append(_checked(folder, stem, trust))
        except EvidenceError as error:
            problems.append(f"{stem}: {' '.join(str(error).split())}")
    return releases, problems


def _number(stem: str) -> int:
    return int(stem.rpartition("-")[2])


def _checked(folder: Path, stem: str, trust: Trust) -> Release:
    signature, token, text, seal = (folder / SIGNATURES / f"{stem}{part}" for part in PARTS)
    for path in (signature, text, seal):
        if not path.is_file():
            raise EvidenceError(f"{path.name} is missing")
    at = checked_time(token, signature, trust.time) if token.is_file() else None
    signer = signer_of(signature, folder / TAG_MANIFEST, trust.signer, at)
    if at is None:
        raise EvidenceError(f"{token.name} is missing, so nothing proves when it was signed")
    require_sealed(text, seal, signer)
    statement = read_statement(text.read_text(encoding="utf-8", errors="replace"))
    checked_time(token, signature, trust.time, is_local=statement.time == OPERATOR_ASSERTED)
    if statement.fingerprint != fingerprint(folder):
        raise EvidenceError("its statement is of another bundle")
    if (statement.signature_sha512, statement.token_sha512) != (file_sha512(signature), file_sha512(token)):
        raise EvidenceError("its statement is of another signature or token")
    if certificate_sha256(signer) != statement.certificate_sha256:
        raise EvidenceError("its statement names another certificate than the one that signed")
    return Release(_number(stem), statement, at)


def signer_of(signature: Path, content: Path, trust: Path, at: datetime | None) -> str:
    """Check one signature.

    Args:
        signature: CMS, detached, DER.
        content: what it is over.
        trust: PEM of the certificate of who signs, or of its authority.
        at: when the certificate must have been valid; None = now.

    Returns:
        The certificate that signed, as PEM.

    Raises:
        EvidenceError: it does not hold.
    """
    with tempfile.TemporaryDirectory() as temporary:
        signer = Path(temporary) / "signer.pem"
        openssl(
            "cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", content, "-CAfile", trust,
            *TRUST_NOTHING_ELSE, "-partial_chain", "-purpose", "any", "-signer", signer, "-out", os.devnull,
            *(("-attime", str(int(at.timestamp()))) if at else ()),
            doing=f"{signature.name} does not stand under that certificate",
        )  # fmt: skip
        certificates = _FIRST.findall(signer.read_text(encoding="ascii"))
    if len(certificates) != 1:
        raise EvidenceError(f"{signature.name} is by {len(certificates)} certificates, not by one")
    return str(certificates[0])


def require_sealed(text: Path, seal: Path, signer: str) -> None:
    """Check the signature over a statement: a bare one, by the very key that signed the bundle.

    A CMS structure or a token has bits that mean nothing, this has none; and as the statement names both by their hashes, no
    bit of a release can change unseen.

    Raises:
        EvidenceError: it is by another key, or of another text.
    """
    with tempfile.TemporaryDirectory() as temporary:
        certificate, public = Path(temporary) / "signer.pem", Path(temporary) / "public.pem"
        certificate.write_text(signer, encoding="ascii")
        openssl("x509", "-in", certificate, "-noout", "-pubkey", "-out", public, doing=f"{seal.name} does not hold")
        openssl(
            "dgst", "-sha512", "-verify", public, "-signature", seal, text,
            doing=f"{seal.name} is not by the key that signed the bundle",
        )  # fmt: skip


def certificate_sha256(pem: str) -> str:
    """The SHA-256 of the first certificate in a PEM, in hex.

    Raises:
        EvidenceError: it holds none.
    """
    found = _FIRST.search(pem)
    if found is None:
        raise EvidenceError("there is no certificate in it")
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(found[0])).hexdigest()
