"""The pseudonym key, and how a person becomes a key.

Here: reading and creating the key file, normalising an identifier, HMAC-SHA-256 in Python and as a DuckDB expression.
Not here: which columns hold persons (contract.py). The key's bytes leave this module only as the two HMAC pads that are
bound as parameters; they are never part of an SQL text, a message or a repr.

A subject key is the first 32 hexadecimal digits of HMAC-SHA-256(key, type + ":" + identifier), the identifier trimmed,
NFC, casefolded, NFC. The key is the content of its file without surrounding white space.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from promisekept.errors import ConfigError

LEAST_BYTES = 32
DIGITS = 32
WHITE = "\t\n\v\f\r\x1c\x1d\x1e\x1f "
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Key:
    """The pseudonym key of one organisation; `id` may be shown, `secret` never is."""

    id: str
    secret: bytes = field(repr=False)

    @property
    def pads(self) -> dict[str, bytes]:
        """The inner and outer HMAC pad, to be bound as $ipad and $opad beside `keyed_sql`."""
        block = self.secret if len(self.secret) <= _BLOCK else hashlib.sha256(self.secret).digest()
        block = block.ljust(_BLOCK, b"\0")
        return {"ipad": bytes(byte ^ 0x36 for byte in block), "opad": bytes(byte ^ 0x5C for byte in block)}

    def digest(self, message: str) -> str:
        """The keyed hash of any text, as 32 hexadecimal digits."""
        return hmac.new(self.secret, message.encode(), hashlib.sha256).hexdigest()[:DIGITS]

    def subject(self, ref_type: str, ref: str) -> str:
        """The key of a person's identifier in the warehouse."""
        return self.digest(f"{ref_type}:{normalised(ref)}")


def normalised(ref: str) -> str:
    """An identifier as it enters the hash: trimmed, NFC, casefolded, NFC."""
    folded = unicodedata.normalize("NFC", ref.strip()).casefold()
    return unicodedata.normalize("NFC", folded)


def white() -> str:
    """The characters that trimming removes, as an SQL expression."""
    return "concat(" + ", ".join(f"chr({ord(character)})" for character in WHITE) + ")"


def padded() -> str:
    """The pattern of a text that begins or ends with such a character, as an SQL literal."""
    white_class = "".join(f"\\x{ord(character):02x}" for character in WHITE)
    return f"'^[{white_class}]|[{white_class}]$'"


def keyed_sql(message: str, ipad: str = "$ipad::blob", opad: str = "$opad::blob") -> str:
    """The DuckDB twin of `Key.digest` for an SQL text expression; bind `Key.pads` with the statement, or name where they are."""
    return f"left(sha256({opad} || unhex(sha256({ipad} || encode({message})))), {DIGITS})"


def load_key(path: Path) -> Key:
    """Read the pseudonym key.

    Raises:
        ConfigError: no file, one that others may read, or one that is too short to be a secret.
    """
    remedy = "Create one with `promisekept init`, or by hand:  (umask 077; openssl rand -hex 32 > FILE)"
    try:
        mode = path.stat().st_mode
        secret = path.read_bytes().strip()
    except OSError as error:
        if isinstance(error, PermissionError):  # another key would match nobody of those whose rows have landed
            remedy = "Give it to the account that runs promisekept (`chown`). Do not make another: nobody who landed has it."
        raise ConfigError(f"keys.pseudonym: {path} can't be read ({error.strerror}).\n  {remedy}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(
            f"keys.pseudonym: {path} may be read by others (mode {stat.S_IMODE(mode):04o}).\n"
            f"  Who holds it can derive keys from identifiers. Close it:  chmod 600 {path}"
        )
    if len(secret) < LEAST_BYTES:
        raise ConfigError(f"keys.pseudonym: {path} holds {len(secret)} bytes, {LEAST_BYTES} at least.\n  {remedy}")
    return Key(id="k-" + hmac.new(secret, b"key_id", hashlib.sha256).hexdigest()[:12], secret=secret)


def create_key(path: Path) -> None:
    """Write a new random key, readable by its owner alone; an existing file is left as it is.

    Raises:
        FileExistsError: there is a key already; replacing it would break every join with what has landed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(LEAST_BYTES) + "\n")
