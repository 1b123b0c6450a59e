"""The credential of a source. Here: what it is called in a message. Not here: reading it (promisekept/config/credentials.py)."""

from __future__ import annotations

from promisekept.config.credentials import read_credential
from promisekept.config.secret_references import Secret
from promisekept.config.source import Source


def read_secret(source: Source, key: str, secret: Secret) -> str:
    """The credential.

    Args:
        source: whose.
        key: what it is, as a key of the reader, such as `dsn` or `headers.Authorization`.
        secret: where it lies.

    Raises:
        ConfigError: the variable is not set, or the file is not there, is empty or may be read by others.
    """
    return read_credential(f"sources.{source.name}.reader.{key}", secret.env, secret.file)
