"""A ZIP that somebody else made, unpacked without trusting it.

Here: which archives are rejected, before a byte of them is written. Not here: whether what comes out is a sound bundle
(verifying.py).

An archive is one entry after the other from its first byte on, then their directory, then its end. Programs differ in what
they make of anything else (bytes before the first entry, a second archive behind the first, a data descriptor), so that one
file could be two bundles: such an archive is rejected. `verify.sh zip=` rejects the same.
"""

from __future__ import annotations

import re
import shutil
import stat
import struct
import zipfile
from pathlib import Path
from typing import BinaryIO

from promisekept.errors import EvidenceError

MOST_FILES = 20_000
MOST_BYTES = 64 * 2**30
MOST_TIMES = 300
"""No text of ours is packed to less than a three-hundredth of its size."""

PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SMALL = 2**20
_ENCRYPTED = 1
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_NO_SIZE = 0xFFFFFFFF
_LOCAL = struct.Struct("<4sHHHIIIIHH")
_CENTRAL = struct.Struct("<4s24xHHH12x")
_END = struct.Struct("<4sHHHHIIH")


def unpack(archive: Path, into: Path) -> Path:
    """Unpack a bundle's ZIP.

    Args:
        archive: the file.
        into: an empty folder.

    Returns:
        The bundle's folder below `into`.

    Raises:
        EvidenceError: it is no ZIP, or holds what a bundle never does: a path that leads elsewhere, a link, a name twice, more
            than one folder, bytes beside its entries, or more than it could honestly hold.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
            with archive.open("rb") as file:
                besides = _besides(file, entries, archive.stat().st_size)
            for message in [*_objections(entries), *besides]:
                raise EvidenceError(f"{archive}: rejected, {message}.\n  Nothing was unpacked; ask for the bundle again.")
            for entry in entries:
                _take_out(opened, entry, into)
    # NotImplementedError and RuntimeError: zipfile's errors for an unsupported compression and a password.
    except (zipfile.BadZipFile, struct.error, NotImplementedError, OSError, EOFError, RuntimeError) as error:
        raise EvidenceError(f"{archive}: this is no whole ZIP ({error}).\n  Ask for the bundle again.") from error
    return into / entries[0].filename.partition("/")[0]


def _objections(entries: list[zipfile.ZipInfo]) -> list[str]:
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
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        found.append("it would grow beyond all measure")
    return found


def _besides(file: BinaryIO, entries: list[zipfile.ZipInfo], size: int) -> list[str]:
    """What an archive holds beside its entries and their directory, or states in two ways."""
    place = 0
    for entry in entries:
        name = entry.orig_filename.encode("utf-8", "replace")
        file.seek(place)
        local = file.read(_LOCAL.size + len(name))
        if entry.header_offset != place or local[:4] != b"PK\x03\x04":
            return ["it holds bytes beside its entries"]
        _, version, flags, method, moment, crc, packed, unpacked, letters, more = _LOCAL.unpack(local[: _LOCAL.size])
        extra = file.read(more)
        if (
            entry.comment
            or _is_unexpected(entry.extra)
            or _is_unexpected(extra)
            or flags
            or entry.flag_bits
            or method not in _PACKINGS
        ):
            return [f"`{entry.orig_filename}` has a comment, an extra field, a data descriptor or a packing that no bundle has"]
        if _NO_SIZE in {packed, unpacked}:
            unpacked, packed = struct.unpack("<QQ", extra[4:20])
        stated = (entry.extract_version, entry.compress_type, entry.CRC, entry.compress_size, entry.file_size)
        if (version, method, crc, packed, unpacked) != stated or moment != _moment(entry) or local[_LOCAL.size :] != name:
            return [f"it states two things about `{entry.orig_filename}`"]
        place += _LOCAL.size + letters + more + packed
    return [] if _ends(file, entries, place, size) else ["it holds bytes beside its entries and their directory, or a comment"]


def _ends(file: BinaryIO, entries: list[zipfile.ZipInfo], place: int, size: int) -> bool:
    """Whether the directory begins where the last entry ends, and is followed by nothing but its own end."""
    file.seek(place)
    for entry in entries:
        header = file.read(_CENTRAL.size)
        mark, letters, more, comment = _CENTRAL.unpack(header)
        if mark != b"PK\x01\x02" or comment or letters != len(entry.orig_filename.encode("utf-8", "replace")):
            return False
        file.seek(letters + more, 1)
    length = file.tell() - place
    end = file.read()
    is_large = end.startswith(b"PK\x06\x06")
    if is_large:
        sizes = struct.unpack("<4sQHHIIQQQQ", end[:56])
        locator = struct.unpack("<4sIQI", end[56:76])
        if sizes[1:2] + sizes[4:] != (44, 0, 0, len(entries), len(entries), length, place):
            return False
        if locator != (b"PK\x06\x07", 0, place + length, 1):
            return False
        end = end[76:]
    if len(end) != _END.size:
        return False
    found = _END.unpack(end)
    numbers = (len(entries), len(entries), length, place)
    declared = tuple(min(number, most) for number, most in zip(numbers, (0xFFFF, 0xFFFF, _NO_SIZE, _NO_SIZE), strict=True))
    return found == (b"PK\x05\x06", 0, 0, *declared, 0) and size == file.tell()


def _is_unexpected(extra: bytes) -> bool:
    """Whether an extra field is there that is not the one of sizes beyond 4 GiB."""
    return bool(extra) and (extra[:2] != b"\x01\x00" or len(extra) != 4 + int.from_bytes(extra[2:4], "little"))


def _moment(entry: zipfile.ZipInfo) -> int:
    year, month, day, hour, minute, second = entry.date_time
    return ((year - 1980) << 9 | month << 5 | day) << 16 | hour << 11 | minute << 5 | second // 2


def _is_plain(name: str) -> bool:
    parts = name.split("/")
    return len(parts) > 1 and all(PLAIN_NAME.fullmatch(part) and part not in {".", ".."} for part in parts)


def _take_out(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, into: Path) -> None:
    """Write one entry; the reader stops at the size that the entry states and compares its checksum."""
    target = into / entry.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(entry) as source, target.open("xb") as file:
        shutil.copyfileobj(source, file, _SMALL)
