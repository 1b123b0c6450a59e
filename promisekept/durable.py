"""Bytes that survive a power cut.

Here: fsync of files and folders, the atomic replacement of a small JSON file, the SHA-256 of a file and of its copy, whether
it is the recorded one, whether somebody wrote to a file. Not here: what is written, and in which order.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from promisekept.system_errors import raise_if_refused

_AT_ONCE = 2**18


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def has_sha256(path: Path, sha256: str) -> bool:
    """Whether a file is there and has a SHA-256.

    Raises:
        SystemRefusedError: nobody knows, since its bytes were refused: by rights, or since a limit is reached.
    """
    try:
        return file_sha256(path) == sha256
    except OSError as error:
        raise_if_refused(error)
        return False


class FileStat(NamedTuple):
    """What a file system states of a file: the same twice, and nobody wrote to the file in between.

    Who writes to it moves its ctime, which no program can set (POSIX, "File Times Update").
    What a disk changes by itself moves nothing.
    """

    inode: int
    size: int
    modified_ns: int
    changed_ns: int


def file_stat(path: Path) -> FileStat:
    """What the file system states of a file now; take it before you read the file."""
    stat = path.stat()
    return FileStat(stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def sha256_if_same(file: Path, other: Path) -> str | None:
    """The SHA-256 of a file's bytes in hex, if another has the same; None otherwise. Each is read once."""
    digest = hashlib.sha256()
    with file.open("rb") as one, other.open("rb") as two:
        while (read := one.read(_AT_ONCE)) == two.read(_AT_ONCE):
            if not read:
                return digest.hexdigest()
            digest.update(read)
    return None


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """The one way in which this room writes JSON: sorted keys, indented, UTF-8, a line feed at the end."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def write_durably(path: Path, content: bytes) -> None:
    """Write a new file and wait until the disk has it; its folder is the caller's to sync."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_durably(path: Path, content: bytes) -> None:
    """Swap a small file atomically: readers see the old content or the new, never a mixture or nothing."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Wait until the disk has a file that something else wrote and closed."""
    _sync(path, os.O_RDWR)


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names in a folder."""
    _sync(path, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
