"""A ZIP that somebody else made, unpacked without trusting it.

Here: which archives are refused, before a byte of them is written. Not here: whether what comes out is a sound bundle
(verifying.py).
"""

from __future__ import annotations

import re
import shutil
import stat
import zipfile
from pathlib import Path

from promisekept.errors import EvidenceError

MOST_FILES = 20_000
MOST_BYTES = 64 * 2**30
MOST_TIMES = 300
"""No text of ours is packed to less than a three-hundredth of its size."""

PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SMALL = 2**20
_ENCRYPTED = 1


def unpack(archive: Path, into: Path) -> Path:
    """Unpack a bundle's ZIP.

    Args:
        archive: the file.
        into: an empty folder.

    Returns:
        The bundle's folder below `into`.

    Raises:
        EvidenceError: it is no ZIP, or holds what a bundle never does: a path that leads elsewhere, a link, a name twice, more
            than one folder, parts that overlap, or more than it could honestly hold.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
            for says in _objections(entries, archive.stat().st_size):
                raise EvidenceError(f"{archive}: refused, {says}.\n  Nothing was unpacked; ask for the bundle again.")
            for entry in entries:
                _take_out(opened, entry, into)
    # NotImplementedError and RuntimeError: how zipfile refuses a compression that it does not know, and a password.
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError) as error:
        raise EvidenceError(f"{archive}: this is no whole ZIP ({error}).\n  Ask for the bundle again.") from error
    return into / entries[0].filename.partition("/")[0]


def _objections(entries: list[zipfile.ZipInfo], size: int) -> list[str]:
    names = [entry.orig_filename for entry in entries]
    if not names or len(names) > MOST_FILES:
        return [f"it holds {len(names)} files"]
    found = [f"`{name}` leads elsewhere or is no plain path" for name in names if not _is_plain(name)]
    if len({name.casefold() for name in names}) < len(names):
        found.append("it holds a name twice")
    if len({name.partition("/")[0] for name in names}) > 1:
        found.append("it holds more than one folder")
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            found.append(f"`{entry.filename}` is a link or a special file")
        if entry.flag_bits & _ENCRYPTED:
            found.append(f"`{entry.filename}` is encrypted")
        if entry.file_size > _SMALL and entry.file_size > MOST_TIMES * entry.compress_size:
            found.append(f"`{entry.filename}` would grow more than {MOST_TIMES} times")
    if sum(entry.compress_size for entry in entries) > size:
        found.append("its parts overlap")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        found.append("it would grow beyond all measure")
    return found


def _is_plain(name: str) -> bool:
    parts = name.split("/")
    return len(parts) > 1 and all(PLAIN_NAME.fullmatch(part) and part not in {".", ".."} for part in parts)


def _take_out(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, into: Path) -> None:
    """Write one entry; the reader stops at the size that the entry states and compares its checksum."""
    target = into / entry.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(entry) as source, target.open("xb") as file:
        shutil.copyfileobj(source, file, _SMALL)
