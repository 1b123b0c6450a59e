"""The release of a bundle: a person signs it, states who approved it, and has both dated.

Here: making what goes into `signatures/`. Not here: the keys (signing_keys.py), the tokens (timestamps.py), checking
(signatures.py). Nothing of the bundle itself is touched, so its fingerprint is the draft's. Nothing is left behind where a
step fails: the signatures are made beside the bundle, checked as a stranger would check them, and moved into it at the end.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from promisekept.durable import sync_folder
from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import SIGNATURES, TAG_MANIFEST, fingerprint, read_info
from promisekept.evidence.openssl import openssl
from promisekept.evidence.signatures import PARTS, Trust, certificate_sha256, signer_of
from promisekept.evidence.signing_keys import SigningKey
from promisekept.evidence.statement import Approvals, Statement
from promisekept.evidence.timestamps import TimeAuthority, stamp
from promisekept.evidence.unpacking import unpack
from promisekept.evidence.verifying import wholeness
from promisekept.evidence.zipping import zip_bundle

_SUBJECT = ("-nameopt", "RFC2253,utf8,-esc_msb")


@dataclass(frozen=True, slots=True)
class Released:
    """What came of it: the files below the bundle's folder, and what they state."""

    bundle: Path
    files: tuple[str, ...]
    statement: Statement


def release(bundle: Path, approvals: Approvals, key: SigningKey, authority: TimeAuthority) -> Released:
    """Sign and date a bundle; a second release, by another key, is put beside the first.

    Args:
        bundle: a folder, or a ZIP, which is written anew with the signatures in it.
        approvals: who prepared, reviewed and approved it.
        key: that signs; one that the pipeline does not hold.
        authority: that dates.

    Raises:
        EvidenceError: the bundle is not whole, the certificate has expired, or openssl or the authority failed. Nothing was
            changed.
    """
    if bundle.is_dir():
        return _release(bundle, bundle, approvals, key, authority)
    if not bundle.is_file():
        raise EvidenceError(f"{bundle}: there is no such bundle.\n  Name its folder or its ZIP.")
    with tempfile.TemporaryDirectory(prefix=".release-", dir=bundle.parent) as temporary:
        folder = unpack(bundle, Path(temporary))
        released = _release(bundle, folder, approvals, key, authority)
        packed = Path(temporary) / "packed.zip"
        zip_bundle(folder, packed)
        packed.replace(bundle)
    sync_folder(bundle.parent)
    return released


def _release(bundle: Path, folder: Path, approvals: Approvals, key: SigningKey, authority: TimeAuthority) -> Released:
    wrong = list(wholeness(folder))
    if wrong:
        raise EvidenceError(f"{bundle}: it is not whole and is not signed: {wrong[0]}.\n  Export it again.")
    statement = _statement(folder, approvals, key, authority)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=folder.parent) as temporary:
        number = _next(folder)
        stem = Path(temporary) / f"release-{number}"
        text = stem.with_name(f"{stem.name}.statement.txt")
        text.write_text(statement.text(number), encoding="utf-8")
        for name, content in ((f"{stem.name}.p7s", folder / TAG_MANIFEST), (f"{stem.name}.statement.p7s", text)):
            _sign(content, stem.with_name(name), key, authority)
        place = folder / SIGNATURES
        place.mkdir(exist_ok=True)
        for part in PARTS:
            (stem.parent / f"{stem.name}{part}").rename(place / f"{stem.name}{part}")
        sync_folder(place)
    return Released(bundle, tuple(f"{SIGNATURES}/release-{number}{part}" for part in PARTS), statement)


def _statement(folder: Path, approvals: Approvals, key: SigningKey, authority: TimeAuthority) -> Statement:
    certificate = key.certificate
    try:
        openssl("x509", "-in", certificate, "-noout", "-checkend", "0", doing="expired")
    except EvidenceError:
        until = openssl("x509", "-in", certificate, "-noout", "-enddate", doing=f"{certificate} holds no certificate").strip()
        raise EvidenceError(
            f"{certificate}: this certificate expired on {until.removeprefix('notAfter=')}, nobody would accept what it signs.\n"
            "  Make a new key with `promisekept keys DIR`; docs/evidence.md tells how keys are changed."
        ) from None
    info = read_info(folder)
    return Statement(
        bundle=info.get("External-Identifier", folder.name),
        organisation=info.get("Source-Organization", ""),
        fingerprint=fingerprint(folder),
        prepared_by=approvals.prepared_by,
        reviewed_by=approvals.reviewed_by,
        approved_by=approvals.approved_by,
        signer=openssl("x509", "-in", certificate, "-noout", "-subject", *_SUBJECT, doing="no subject")
        .strip()
        .removeprefix("subject="),
        certificate_sha256=certificate_sha256(certificate.read_text(encoding="utf-8", errors="replace")),
        time=authority.told,
    )


def _sign(content: Path, signature: Path, key: SigningKey, authority: TimeAuthority) -> None:
    openssl(
        "cms", "-sign", "-binary", "-cades", "-md", "sha512", "-outform", "DER", "-in", content, "-out", signature,
        *key.arguments, doing=f"{content.name} could not be signed",
    )  # fmt: skip
    stamp(signature, signature.with_suffix(".tsr"), authority)
    signer_of(signature, content, Trust(key.certificate, authority.trust))


def _next(folder: Path) -> int:
    taken = [int(path.stem.partition("-")[2]) for path in (folder / SIGNATURES).glob("release-*.p7s") if "." not in path.stem]
    return max(taken, default=0) + 1
