"""The files of a source: which there are, whether they are finished, and the fingerprint of their bytes.

Here: globbing, waiting for a file that is still being written, SHA-256, and what can be checked of the bytes without parsing
them: broken gzip, not the declared encoding, NUL characters, a line or a gzip that would take too much. What is no file of its
folder (a pipe, a device, a socket, a link that leads elsewhere), or may not be read, is never opened. Not here: object stores
(object_store.py), rows (file_readers.py) and whether a file has landed before (landing/land.py).
"""

from __future__ import annotations

import codecs
import glob
import gzip
import hashlib
import io
import os
import stat
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import IO, Any, Literal

from promisekept.config.readers import Files, Reader
from promisekept.config.source import Source
from promisekept.errors import LandingError, PromisekeptError
from promisekept.file_rights import forbidden, may
from promisekept.paths import printable
from promisekept.sources.extract import object_store
from promisekept.sources.extract.temporary_files import OPEN_FILES
from promisekept.sources.personal_data import names_a_person

Format = Literal["csv", "jsonl", "parquet", "xlsx", "ods"]
WORKBOOKS: tuple[Format, ...] = ("xlsx", "ods")
_SUFFIXES: dict[str, Format] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".pq": "parquet",
    ".xlsx": "xlsx", ".ods": "ods",
}  # fmt: skip
_CHUNK = 1 << 20
_RECENT_SECONDS = 10
_SIDE_BY_SIDE = 16
_HARMLESS = 16 * 2**20
"""Bytes that a gzip may always unpack to."""
_KINDS = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"))
_NO_RIGHT = (
    "The account that runs promisekept may not read it. Give it the right (`chmod`, `chown` or `setfacl`), and the next run takes"
    " the file."
)
_LINK = "It is a link that leads {}, and was not followed. Deliver the file itself, or name its own folder in `reader.path`."


class RejectedFileError(Exception):
    """A whole file can't be taken. `reason` is a code, `says` is a sentence without any of the file's values."""

    def __init__(self, reason: str, message: str, header: Iterable[str] = (), rows: int | None = None) -> None:
        super().__init__(message)
        self.reason, self.message, self.header, self.rows = reason, message, tuple(header), rows


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a source. `path` is as the system names it, with its protocol where it lies in a store.

    An object of a store, and a file whose path is no UTF-8, is read from its `copy`, which `at_hand` makes; `version` is what the
    store calls its state.
    `problem`: why it must not be opened at all.
    """

    path: str
    size: int
    modified: float
    format: Format
    gzipped: bool
    filesystem: Any = None
    version: str | None = None
    copy: Path | None = None
    problem: RejectedFileError | None = None

    @property
    def name(self) -> str:
        """Its last part, for people; one that names a person by its length."""
        return _shown_name(self.path)

    @property
    def here(self) -> Path:
        """Where its bytes can be read."""
        return Path(self.path) if self.copy is None else self.copy

    def is_as_found(self) -> bool:
        """Whether it has been left alone since it was looked for; of an object of a store only its copy matters."""
        if self.filesystem is not None or self.problem is not None:
            return True
        try:
            status = self.here.stat()
        except FileNotFoundError:
            return False
        return (status.st_size, status.st_mtime) == (self.size, self.modified)

    def open(self) -> IO[bytes]:
        """The bytes as they lie there."""
        return self.here.open("rb")

    def open_text(self, encoding: str) -> IO[str]:
        """Decompressed and decoded, line ends untouched."""
        raw: Any = self.open()
        plain = gzip.GzipFile(fileobj=raw) if self.gzipped else raw
        return io.TextIOWrapper(io.BufferedReader(plain), encoding=_with_bom(encoding), newline="")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the bytes are: their hash; of text its size without gzip, whether a NUL is in it, and why it can't be read."""

    sha256: str
    size: int
    nul: bool = False
    plain_size: int = 0
    problem: RejectedFileError | None = None


def find_files(source: Source, now: datetime, settle_seconds: float = 0.25) -> list[SourceFile]:
    """The finished files of a source, by path.

    A file is finished when its marker lies beside it (`done_suffix`), or, without one, when it was not written lately
    or does not change during a short pause.

    Raises:
        LandingError: the path can't be listed, or a file's name does not show its format.
    """
    found = _listed(source)
    suffix = _reader(source).done_suffix
    if suffix is not None:
        marks = {file.path for file in _listed(source, _reader(source).path + suffix)}
        return [file for file in found if file.path + suffix in marks and not file.path.endswith(suffix)]
    # An object appears in its store when it is whole.
    recent = [file for file in found if file.filesystem is None and abs(now.timestamp() - file.modified) < _RECENT_SECONDS]
    if recent and settle_seconds:
        time.sleep(settle_seconds)
        again = {file.path: (file.size, file.modified) for file in _listed(source)}
        moving = {file.path for file in recent if again.get(file.path) != (file.size, file.modified)}
        found = [file for file in found if file.path not in moving]
    return found


def find_files_of(sources: Sequence[Source], now: datetime) -> dict[str, list[SourceFile] | PromisekeptError]:
    """What `find_files` finds of each source, by its name, or its error: the pauses pass, and stores answer, side by side."""

    def look(source: Source) -> list[SourceFile] | PromisekeptError:
        try:
            return find_files(source, now)
        except PromisekeptError as error:
            return error

    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        return dict(zip((source.name for source in sources), pool.map(look, sources), strict=True))


@contextmanager
def at_hand(source: Source, file: SourceFile, landing: Path) -> Iterator[SourceFile]:
    """The file, with its bytes on this machine for as long as they are read.

    Args:
        source: whose file.
        file: as `find_files` found it.
        landing: the folder home/landing.

    Raises:
        LandingError: its store does not give it whole.
    """
    if file.copy is not None or file.problem is not None or (file.filesystem is None and file.path == printable(file.path)):
        yield file
        return
    if file.filesystem is None:  # DuckDB opens no path that is no UTF-8
        with Path(file.path).open("rb") as opened:
            yield replace(file, copy=OPEN_FILES / str(opened.fileno()))
        return
    with object_store.fetched(source, file.filesystem, file.path, landing) as (copy, info):
        modified = object_store.modified(info) if object_store.version(info) != file.version else file.modified
        yield replace(file, size=int(info["size"]), modified=modified, version=object_store.version(info), copy=copy)


def fingerprint(file: SourceFile, reader: Reader) -> Fingerprint:
    """Hash a file and look at its bytes once, in bounded memory: what keeps it from being read stands in `problem`.

    What must not be opened has the hash of its reason and path in place of a content.
    """
    if file.problem is not None:
        stated = f"{file.problem.reason}:".encode() + os.fsencode(file.path)
        return Fingerprint(hashlib.sha256(stated).hexdigest(), 0, problem=file.problem)
    digest = hashlib.sha256()
    size = 0

    def raw() -> Iterator[bytes]:
        nonlocal size
        with file.open() as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                yield chunk

    chunks = raw()
    nul, plain, problem = False, 0, None
    if file.format in ("csv", "jsonl"):
        decoder = codecs.getincrementaldecoder(_with_bom(reader.encoding))()
        since = 0
        try:
            for chunk in _gunzipped(chunks, reader.gzip_ratio) if file.gzipped else chunks:
                plain += len(chunk)
                text = decoder.decode(chunk)
                nul = "\0" in text or nul
                since = _since_line_end(text, since, reader.longest_line)
            decoder.decode(b"", final=True)
        except RejectedFileError as error:
            problem = error
        except (zlib.error, EOFError):
            problem = RejectedFileError("broken_gzip", "The gzip stream is cut or its checksum is wrong. Deliver the file again.")
        except UnicodeError:
            message = f"Its bytes are not {reader.encoding}. Set `reader.encoding`, or convert the file."
            problem = RejectedFileError("wrong_encoding", message)
    for _ in chunks:
        pass
    return Fingerprint(digest.hexdigest(), size, nul, plain, problem)


def _shown_name(path: str) -> str:
    name = printable(path).rsplit("/", 1)[-1]
    return f"({len(name)} characters)" if names_a_person(name) else name


def _with_bom(encoding: str) -> str:
    return "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding


def line_too_long(longest: int) -> RejectedFileError:
    """What rejects a file of which one line, or one row within quotes, would take too much memory."""
    message = (
        f"A line of it, or a row within quotes, goes on for more than {longest:,} characters, and each is held in memory whole. "
        "Close the quote, deliver one record per line, or raise `reader.longest_line`."
    )
    return RejectedFileError("line_too_long", message)


def _since_line_end(text: str, before: int, longest: int) -> int:
    """How many characters stand behind the last line end; a piece of text is itself no longer than a line may be.

    Raises:
        RejectedFileError: a line is too long.
    """
    last = max(text.rfind("\n"), text.rfind("\r"))
    first = min((at for end in "\n\r" if (at := text.find(end)) >= 0), default=len(text))
    if before + first > longest:
        raise line_too_long(longest)
    return before + len(text) if last < 0 else len(text) - last - 1


def _gunzipped(chunks: Iterable[bytes], ratio: int) -> Iterator[bytes]:
    """The plain bytes of one or more gzip members, piece by piece; zlib checks each checksum.

    Raises:
        RejectedFileError: they are too many for the bytes that they came from.
    """
    unzip = zlib.decompressobj(wbits=31)
    pending = False
    read = written = 0
    for chunk in chunks:
        rest = chunk
        read += len(chunk)
        while rest:
            if unzip.eof:
                unzip = zlib.decompressobj(wbits=31)
            plain = unzip.decompress(rest, _CHUNK)
            pending, rest = not unzip.eof, unzip.unconsumed_tail or unzip.unused_data
            written += len(plain)
            if written > max(_HARMLESS, ratio * (read - len(rest))):
                message = (
                    f"It unpacks to more than {ratio:,} times its size: so dense is no log, but a gzip made to fill a disk. "
                    "Deliver it unpacked, or raise `reader.gzip_ratio`."
                )
                raise RejectedFileError("gzip_too_dense", message)
            yield plain
    if pending:
        raise EOFError


def _reader(source: Source) -> Files:
    if not isinstance(source.reader, Files):
        raise TypeError(f"sources.{source.name} has no files: {source.reader.kind}")
    return source.reader


def _listed(source: Source, pattern: str | None = None) -> list[SourceFile]:
    path = pattern or _reader(source).path
    try:
        if "://" in path:
            filesystem, details = object_store.listed(source, path)
            found = [_remote(source, filesystem, info) for info in details]
        else:
            folder = _reader(source).folder
            _require_open_folders(path, folder)
            inbox = Path(os.path.realpath(folder))  # links in it followed
            matched = glob.glob(path, recursive=True)  # noqa: PTH207 - the pattern is absolute

            @cache
            def is_inside(parent: str) -> bool:
                return Path(os.path.realpath(parent)).is_relative_to(inbox)

            found = [file for name in matched if (file := _local(source, name, inbox, is_inside)) is not None]
    except OSError as error:
        raise LandingError(
            f"sources.{source.name}.reader.path: {source.where} can't be listed ({error}).\n"
            "  Check the path and the access rights."
        ) from None
    return sorted(found, key=lambda file: file.path)


def _require_open_folders(pattern: str, folder: Path) -> None:
    """Check the rights to each folder that an absolute pattern goes through: `glob` takes one without them for empty.

    Args:
        pattern: of files.
        folder: what stands before its first wildcard.

    Raises:
        PermissionError: this account may not list one, or not pass through it.
    """
    parts = Path(pattern).parts
    inbox = Path(os.path.realpath(folder))
    for index in range(1, len(parts)):
        rights = os.X_OK | (os.R_OK if glob.has_magic(parts[index]) else 0)
        for name in glob.iglob(str(Path(*parts[:index])), recursive=True):  # noqa: PTH207 - the pattern is absolute
            if index > len(folder.parts) and not Path(os.path.realpath(name)).is_relative_to(inbox):
                continue  # a link that is not followed
            if Path(name).is_dir() and not may(name, rights):
                raise forbidden(printable(name))


def _local(source: Source, path: str, inbox: Path, is_inside: Callable[[str], bool]) -> SourceFile | None:
    """A file of the folder, or what is none by its own time; None where it is gone meanwhile, or is a folder."""
    try:
        own = os.lstat(path)
        if stat.S_ISREG(own.st_mode) and is_inside(os.path.dirname(path)):  # noqa: PTH120 - asked of every file that ever came
            status = own
        elif Path(path).is_dir():
            return None
        elif (problem := _not_a_file(Path(path), inbox)) is not None:
            return SourceFile(path, 0, own.st_mtime, "csv", gzipped=False, problem=problem)
        else:
            status = Path(path).stat()
    except FileNotFoundError:
        return None
    unreadable = None if may(path, os.R_OK) else RejectedFileError("not_readable", _NO_RIGHT)
    return SourceFile(path, status.st_size, status.st_mtime, *_kind(source, os.path.basename(path)), problem=unreadable)  # noqa: PTH119


def _not_a_file(path: Path, inbox: Path) -> RejectedFileError | None:
    """Why a name of the folder is not opened. Where a link leads is not shown: that is no business of its deliverer."""
    target = Path(os.path.realpath(path))
    if not target.is_relative_to(inbox):
        return RejectedFileError("not_a_file", _LINK.format("out of its folder"))
    try:
        mode = target.stat().st_mode
    except OSError:
        return RejectedFileError("not_a_file", _LINK.format("to nothing"))
    kind = next((message for is_kind, message in _KINDS if is_kind(mode)), None)
    return (
        None
        if kind is None
        else RejectedFileError("not_a_file", f"It is {kind}, not a file, and was not opened. Deliver a file.")
    )


def _remote(source: Source, filesystem: Any, info: dict[str, Any]) -> SourceFile:
    path = filesystem.unstrip_protocol(info["name"])
    modified, version = object_store.modified(info), object_store.version(info)
    return SourceFile(path, int(info["size"]), modified, *_kind(source, path), filesystem, version)


def _kind(source: Source, name: str) -> tuple[Format, bool]:
    reader = _reader(source)
    lower = name.lower().removesuffix(reader.done_suffix or "")
    gzipped = lower.endswith(".gz")
    if reader.format is not None:
        return reader.format, gzipped and reader.format in ("csv", "jsonl")
    suffix = Path(lower.removesuffix(".gz")).suffix
    if suffix not in _SUFFIXES:
        raise LandingError(
            f"sources.{source.name}.reader: the name {_shown_name(name)} does not show its format.\n"
            "  Add `format: csv` (or jsonl, parquet, xlsx, ods), or narrow the path."
        )
    return _SUFFIXES[suffix], gzipped
