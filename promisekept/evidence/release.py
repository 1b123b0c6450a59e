"""The release of a bundle: a person signs it, has the signature dated, and states who approved it.

Here: making what goes into `signatures/`. Not here: the keys (signing/signing_keys.py), the tokens (signing/timestamps.py),
checking (signing/signatures.py). Nothing of the bundle itself is changed, so its fingerprint is the draft's. Nothing is left
behind where a step fails: the signatures are made beside the bundle, checked as a third party would check them, and moved into it
at the end.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from promisekept.durable import sync_folder
from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import SIGNATURES, TAG_MANIFEST, file_sha512, fingerprint, read_info
from promisekept.evidence.signing.openssl import openssl
from promisekept.evidence.signing.signatures import PARTS, certificate_sha256, require_sealed, signer_of
from promisekept.evidence.signing.signing_keys import SigningKey
from promisekept.evidence.signing.statement import Approvals, Statement
from promisekept.evidence.signing.timestamps import TimeAuthority, checked_time, stamp
from promisekept.evidence.unpacking import unpack
from promisekept.evidence.verifying import wholeness
from promisekept.evidence.zipping import zip_bundle

_SUBJECT = ("-nameopt", "RFC2253,utf8,-esc_msb")


@dataclass(frozen=True, slots=True)
class Released:
    """What came of it: the files below the bundle's folder, what they state, and the time of the token.

    `warnings` holds one where the bundle contains something later than that time: one of two clocks is wrong.
    """

    bundle: Path
    files: tuple[str, ...]
    statement: Statement
    at: datetime
    warnings: tuple[str, ...]


def release(bundle: Path, approvals: Approvals, key: SigningKey, authority: TimeAuthority) -> Released:
    """Sign and date a bundle; a second release, by another key, is put beside the first.

    Args:
        bundle: a folder, or a ZIP, which is written again with the signatures in it.
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
    _require_valid(key.certificate)
    number = _next(folder)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=folder.parent) as temporary:
        signature, token, text, seal = (Path(temporary) / f"release-{number}{part}" for part in PARTS)
        _sign(folder / TAG_MANIFEST, signature, key)
        stamp(signature, token, authority)
        statement = _statement(folder, approvals, key, time=authority.as_stated, signature=signature, token=token)
        text.write_bytes(statement.text(number).encode())
        _seal(text, seal, key)
        at = checked_time(token, signature, authority.trust, is_local=authority.url is None)
        require_sealed(text, seal, signer_of(signature, folder / TAG_MANIFEST, key.certificate, at))
        place = folder / SIGNATURES
        place.mkdir(exist_ok=True)
        # The signature last: by it a release is counted, so that one that was cut off here is made again in its place.
        for path in (token, text, seal, signature):
            path.rename(place / path.name)
        sync_folder(place)
    files = tuple(f"{SIGNATURES}/release-{number}{part}" for part in PARTS)
    return Released(bundle, files, statement, at, _clocks(folder, at))


def _clocks(folder: Path, at: datetime) -> tuple[str, ...]:
    known_at = read_info(folder).get("Known-At")
    if known_at is None or datetime.fromisoformat(known_at) <= at:
        return ()
    return (
        f"The token's time {at.isoformat()} is before {known_at}, until which rows had landed according to the bundle."
        " The clock of the pipeline or of the time authority is wrong: find out which before you hand the bundle out.",
    )


def _require_valid(certificate: Path) -> None:
    try:
        openssl("x509", "-in", certificate, "-noout", "-checkend", "0", doing="expired")
    except EvidenceError:
        until = openssl("x509", "-in", certificate, "-noout", "-enddate", doing=f"{certificate} holds no certificate").strip()
        raise EvidenceError(
            f"{certificate}: this certificate expired on {until.removeprefix('notAfter=')}, nobody would accept what it signs.\n"
            "  Make a new key with `promisekept keys signing DIR`; docs/evidence.md shows how keys are changed."
        ) from None


def _statement(folder: Path, approvals: Approvals, key: SigningKey, *, time: str, signature: Path, token: Path) -> Statement:
    info = read_info(folder)
    subject = openssl("x509", "-in", key.certificate, "-noout", "-subject", *_SUBJECT, doing=f"{key.certificate} names nobody")
    return Statement(
        bundle=info.get("External-Identifier", folder.name),
        organisation=info.get("Source-Organization", ""),
        fingerprint=fingerprint(folder),
        prepared_by=approvals.prepared_by,
        reviewed_by=approvals.reviewed_by,
        approved_by=approvals.approved_by,
        signer=subject.strip().removeprefix("subject="),
        certificate_sha256=certificate_sha256(key.certificate.read_text(encoding="utf-8", errors="replace")),
        time=time,
        signature_sha512=file_sha512(signature),
        token_sha512=file_sha512(token),
    )


def _sign(content: Path, signature: Path, key: SigningKey) -> None:
    openssl(
        "cms", "-sign", *key.providers, "-binary", "-cades", "-keyid", "-nosmimecap", "-md", "sha512", "-outform", "DER",
        "-in", content, "-out", signature, "-signer", key.certificate, "-certfile", key.certificate, "-inkey", key.key,
        doing=f"{content.name} could not be signed",
    )  # fmt: skip


def _seal(text: Path, seal: Path, key: SigningKey) -> None:
    openssl(
        "pkeyutl", "-sign", *key.providers, "-rawin", "-digest", "sha512", "-inkey", key.key, "-in", text, "-out", seal,
        doing=f"{text.name} could not be signed",
    )  # fmt: skip


def _next(folder: Path) -> int:
    numbers = [int(path.stem.partition("-")[2]) for path in (folder / SIGNATURES).glob("release-*.p7s") if "." not in path.stem]
    return max(numbers, default=0) + 1
