"""The key that releases bundles, the local authority that dates them, and their certificates.

Here: making both, and what may be used to sign. Not here: signing (release.py). The pipeline never opens these files: whoever
releases a bundle does, as themselves, and better on another machine (docs/evidence.md).

`signing.pem` and `time-authority.pem` hold a private key and its certificate, `signing.crt` and `time-authority.crt` the
certificate alone: that is what one hands to whoever checks bundles, through another channel than the bundle's.
"""

from __future__ import annotations

import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from promisekept.errors import EvidenceError
from promisekept.evidence.signing.openssl import openssl

SIGNING = "signing.pem"
AUTHORITY = "time-authority.pem"
PKCS11 = "pkcs11:"
_SIGNING_DAYS = 3 * 365
_AUTHORITY_DAYS = 20 * 365
_LONGEST = 64
_NO_CA = "basicConstraints=critical,CA:FALSE"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What signs: a key, as a file or in a token, and the file of its certificate, which the chain may follow."""

    key: str
    certificate: Path

    @property
    def providers(self) -> tuple[str, ...]:
        """What openssl must load to use it."""
        return ("-provider", "pkcs11", "-provider", "default") if self.key.startswith(PKCS11) else ()


def create_signing_keys(folder: Path, organisation: str) -> list[Path]:
    """Make a signing key and a local time authority with certificates of their own, the keys readable by their owner alone.

    Args:
        folder: where they go; created where absent.
        organisation: whose they are; the first 64 characters stand in the certificates.

    Returns:
        The files written.

    Raises:
        EvidenceError: there is such a key already, or openssl failed; nothing was written.
    """
    keys = (
        (SIGNING, "Evidence signing", _SIGNING_DAYS, ("keyUsage=critical,digitalSignature,nonRepudiation",)),
        (
            AUTHORITY,
            "Time as this organisation asserts it",
            _AUTHORITY_DAYS,
            ("keyUsage=critical,digitalSignature", "extendedKeyUsage=critical,timeStamping"),
        ),
    )
    for name, *_ in keys:
        if (folder / name).exists():
            raise EvidenceError(
                f"{folder / name}: there is a key already, and it is not replaced.\n"
                "  Name another folder; bundles that were signed with the old one stay as they are."
            )
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, purpose, days, extensions in keys:
        written += _create(folder / name, f"/O={_escaped(organisation)}/CN={purpose}", days, extensions)
    return written


def signing_key(key: str, certificate: Path | None = None) -> SigningKey:
    """A key that may be used to sign.

    Args:
        key: path of a PEM file, or a `pkcs11:` URI of a key in a token.
        certificate: PEM of its certificate, the chain after it; default: the key's own file.

    Raises:
        EvidenceError: no file, one that others may read, or no certificate.
    """
    if key.startswith(PKCS11):
        if certificate is None:
            raise EvidenceError(
                f"--key {key}: its certificate is not known.\n  Name its PEM with --certificate, the chain after it."
            )
        return SigningKey(key, _readable(certificate, "--certificate"))
    path = _readable(Path(key), "--key")
    mode = path.stat().st_mode
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise EvidenceError(
            f"--key: {path} may be read by others (mode {stat.S_IMODE(mode):04o}).\n"
            f"  Who holds it can sign in your name. Close it:  chmod 600 {path}"
        )
    chosen = _readable(certificate, "--certificate") if certificate else path
    if "BEGIN CERTIFICATE" not in chosen.read_text(encoding="utf-8", errors="replace"):
        raise EvidenceError(f"{chosen}: it holds no certificate.\n  Append it to the key, or name its PEM with --certificate.")
    return SigningKey(str(path), chosen)


def _readable(path: Path, option: str) -> Path:
    if not path.is_file():
        raise EvidenceError(
            f"{option}: there is no file {path}.\n"
            "  `promisekept keys signing DIR` makes a key; docs/evidence.md describes where to keep it."
        )
    return path


def _create(path: Path, subject: str, days: int, extensions: tuple[str, ...]) -> list[Path]:
    added = [part for extension in (_NO_CA, *extensions) for part in ("-addext", extension)]
    with tempfile.TemporaryDirectory(prefix=".keys-", dir=path.parent) as temporary:
        key, certificate = Path(temporary) / "key", Path(temporary) / "certificate"
        openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-noenc", "-sha384", "-utf8",
            "-days", str(days), "-subj", subject, *added, "-keyout", key, "-out", certificate,
            doing=f"{path} could not be made",
        )  # fmt: skip
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.read_bytes() + certificate.read_bytes())
        public = path.with_suffix(".crt")
        public.write_bytes(certificate.read_bytes())
    return [path, public]


def _escaped(text: str) -> str:
    """A name as `openssl req -subj` takes it."""
    plain = " ".join(text.split())[:_LONGEST].rstrip() or "unnamed"
    return "".join(f"\\{character}" if character in "\\/+=" else character for character in plain)
