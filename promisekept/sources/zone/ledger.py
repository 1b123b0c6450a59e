"""The append-only memory of what was landed, published and exported.

Here: `landing/ledger.jsonl`, one line per happening, each bound to the line before it (`previous`) and to all lines
before it (`merkle_root`, RFC 9162). Not here: what a line's body means (landing, the store and the exporter define
theirs), nor the writer lock under which one appends (publishing/lock.py).

A line is one JSON object with a fixed tail, so that a third party can check it with `head -c` and `sha256sum` alone:
`{"seq":..,"kind":..,"at":..,"content_hash":..,"body":{..},"previous":"..","merkle_root":"..","hash":".."}`.
The Merkle leaf is the object without `merkle_root` and `hash`, `hash` covers the object without `hash`. Bytes after the
last line feed are a line torn by a crash: nobody relies on it, and the next append cuts it off.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from promisekept.durable import sync_folder
from promisekept.errors import PromisekeptError
from promisekept.sources.zone.ledger_versions import KINDS, REMEDY, beyond
from promisekept.sources.zone.merkle import MerkleTree

NAME = "ledger.jsonl"
GENESIS = "0" * 64
_ROOT_MARK = b',"merkle_root":"'
_HASH_MARK = b'","hash":"'
_END = b'"}'
_HASH_TAIL = len(_HASH_MARK) + 64 + len(_END)
_TAIL = len(_ROOT_MARK) + 64 + _HASH_TAIL
_FIELDS = ("seq", "kind", "at", "content_hash", "body", "previous", "merkle_root", "hash")
_BACKUP = "Restore landing/ledger.jsonl from a backup; every line up to the one before is sound."


class LedgerError(PromisekeptError):
    """The ledger can't be trusted or can't be written; nothing was appended."""


@dataclass(frozen=True, slots=True)
class Line:
    """One happening. `at` is UTC, `content_hash` the SHA-256 (hex) of what it speaks about, `body` plain JSON."""

    seq: int
    kind: str
    at: datetime
    content_hash: str
    body: Mapping[str, Any]
    previous: str
    merkle_root: str
    hash: str


@dataclass(frozen=True, slots=True)
class LedgerProblem:
    """What is wrong with one line: where, which field, and how to repair it."""

    seq: int
    field: str
    says: str
    remedy: str

    def __str__(self) -> str:
        return f"ledger.jsonl, line {self.seq}, {self.field}: {self.says}\n  {self.remedy}"


@dataclass(frozen=True, slots=True)
class _Checked:
    """The lines that were read from the first bytes of a file, of that hash, and found sound."""

    size: int
    sha256: bytes
    lines: tuple[Line, ...]
    tree: MerkleTree


_NOTHING = _Checked(0, hashlib.sha256().digest(), (), MerkleTree())
_checked: list[dict[Path, _Checked]] = []


@contextmanager
def checked_once() -> Iterator[None]:
    """Meanwhile a ledger that is opened again is checked by one hash, and line by line only behind what was sound before.

    A run opens its ledger ten times, and line by line that takes as long as the ledger is. Its lines stay in memory meanwhile.
    """
    _checked.append(_checked[-1] if _checked else {})
    try:
        yield
    finally:
        _checked.pop()


class Ledger:
    """The ledger of one home, read and checked when opened; appending needs the writer lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._load()

    @classmethod
    def open(cls, home: Path) -> Ledger:
        """Read and check the ledger below `home`; an absent file is an empty ledger.

        Raises:
            LedgerError: a line was changed, is missing or is out of order; the message names line, field and remedy.
        """
        return cls(home / "landing" / NAME)

    def _load(self) -> None:
        content = self.path.read_bytes() if self.path.exists() else b""
        checked = _checked[-1] if _checked else {}
        before = checked.get(self.path, _NOTHING)
        if hashlib.sha256(content[: before.size]).digest() != before.sha256:
            before = _NOTHING
        *whole, self.torn = content[before.size :].split(b"\n")
        self._bytes = len(content) - len(self.torn)
        self._tree = before.tree.copy()
        self._lines = list(before.lines)
        for found in _walk(whole, self._tree, self._lines[-1] if self._lines else None):
            if isinstance(found, LedgerProblem):
                raise LedgerError(str(found))
            self._lines.append(found)
        if _checked:
            digest = hashlib.sha256(content[: self._bytes]).digest()
            checked[self.path] = _Checked(self._bytes, digest, tuple(self._lines), self._tree.copy())

    @property
    def seq(self) -> int:
        """The last sequence number; 0 where there is no line yet."""
        return len(self._lines)

    @property
    def head(self) -> str:
        """The hash of the last line; 64 zeros where there is none."""
        return self._lines[-1].hash if self._lines else GENESIS

    @property
    def merkle_root(self) -> str:
        """The RFC 9162 root over all lines."""
        return self._tree.root

    def lines(self, kind: str | None = None, until: int | None = None) -> Iterator[Line]:
        """The lines in order, of one kind where given, up to and including sequence `until` where given."""
        for line in self._lines[:until]:
            if kind is None or line.kind == kind:
                yield line

    def line(self, seq: int) -> Line:
        """The line of that sequence number.

        Raises:
            LedgerError: there is none.
        """
        if not 1 <= seq <= self.seq:
            raise LedgerError(f"ledger.jsonl has no line {seq}.\n  It holds lines 1 to {self.seq}.")
        return self._lines[seq - 1]

    def leaves(self, until: int) -> list[bytes]:
        """The Merkle leaves of the first lines, as they stand in the file: what an RFC 9162 proof is made of."""
        whole, _ = _read(self.path)
        return [raw[:-_TAIL] + b"}" for raw in whole[:until]]

    def extends(self, size: int, root: str) -> bool:
        """Whether this ledger continues an earlier one of `size` lines whose Merkle root was `root`."""
        if size > self.seq or size < 0:
            return False
        return self.root_at(size) == root

    def root_at(self, size: int) -> str:
        """The RFC 9162 root over the first lines."""
        return self._lines[size - 1].merkle_root if size else MerkleTree().root

    def verify(self) -> list[LedgerProblem]:
        """Read the file again and report everything that is wrong with it; empty = sound."""
        return verify_file(self.path)

    def append(self, kind: str, body: Mapping[str, Any], at: datetime, content_hash: str) -> Line:
        """Write one line and make it durable before returning. The caller holds the writer lock.

        Args:
            kind: `batch`, `held_back`, `compaction`, `snapshot`, `rollback`, `pack`, `export` ...
            body: plain JSON values; datetimes are written in UTC.
            at: an aware instant.
            content_hash: SHA-256 in hex of the content spoken about.

        Raises:
            LedgerError: the disk is full or unwritable (the ledger is as before), it is no longer the one read, or a text holds
                bytes that are no UTF-8, which no table and no bundle could.
        """
        if kind not in KINDS:
            raise ValueError(f"kind: `{kind}` is none of KINDS; no reader could follow it")
        if at.tzinfo is None:
            raise ValueError("at: an instant needs an offset")
        if self.path.exists() and self.path.stat().st_size != self._bytes + len(self.torn):
            self._load()
        leaf = _dump(
            {
                "seq": self.seq + 1,
                "kind": kind,
                "at": _instant(at),
                "content_hash": content_hash,
                "body": _require_characters(json.loads(_dump(body))),
                "previous": self.head,
            }
        ).encode()
        tree = self._tree.copy()
        tree.add(leaf)
        with_root = leaf[:-1] + _ROOT_MARK + tree.root.encode()
        line_hash = hashlib.sha256(with_root + _END).hexdigest()
        raw = with_root + _HASH_MARK + line_hash.encode() + _END
        self._write(raw + b"\n")
        self._tree = tree
        self._lines.append(_line(raw))
        return self._lines[-1]

    def _write(self, raw: bytes) -> None:
        created = not self.path.exists()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab", buffering=0) as file:  # a buffer would be written after all when the file is closed
                file.truncate(self._bytes)
                try:
                    rest = memoryview(raw)
                    while rest:
                        rest = rest[file.write(rest) :]
                    os.fsync(file.fileno())
                except OSError:
                    os.ftruncate(file.fileno(), self._bytes)
                    raise
            if created:
                try:
                    sync_folder(self.path.parent)
                except OSError:
                    self.path.unlink()
                    raise
        except OSError as error:
            self.torn = b""
            raise LedgerError(
                f"{self.path}: the line could not be written ({error.strerror}).\n"
                "  Free space or fix the permissions and run again; nothing was recorded."
            ) from error
        self._bytes, self.torn = self._bytes + len(raw), b""


def verify_file(path: Path) -> list[LedgerProblem]:
    """Everything that is wrong with a ledger file, line by line; a torn last line included.

    After a wrong line the chain is followed from what that line states, so that one change is not one problem for
    each line that follows.
    """
    whole, torn = _read(path)
    problems = [found for found in _walk(whole, MerkleTree()) if isinstance(found, LedgerProblem)]
    if torn:
        problems.append(
            LedgerProblem(
                len(whole) + 1,
                "the whole line",
                f"{len(torn)} bytes without a line feed: a write was cut short, and nothing relied on it.",
                "The next `promisekept run` cuts it off.",
            )
        )
    return problems


def _read(path: Path) -> tuple[list[bytes], bytes]:
    if not path.exists():
        return [], b""
    *whole, torn = path.read_bytes().split(b"\n")
    return whole, torn


def _walk(whole: Sequence[bytes], tree: MerkleTree, before: Line | None = None) -> Iterator[Line | LedgerProblem]:
    """The lines behind `before`, or what is wrong with one; `tree` is of all before them, and of them at the end."""
    sound = True
    for seq, raw in enumerate(whole, start=tree.size + 1):
        try:
            line = _line(raw)
        except (ValueError, KeyError, TypeError) as error:
            yield LedgerProblem(seq, "the whole line", f"this is no ledger line ({error}).", _BACKUP)
            before, sound = None, False
            continue
        tree.add(raw[:-_TAIL] + b"}")
        found = _check_line(line, raw, seq, before, tree.root if sound else line.merkle_root)
        sound = sound and found is None
        newer = beyond(line.kind, line.body)
        yield found or (line if newer is None else LedgerProblem(seq, *newer, REMEDY))
        before = line


def _check_line(line: Line, raw: bytes, seq: int, before: Line | None, root: str) -> LedgerProblem | None:
    """The first thing wrong with a line; after a line that can't be read its successor is taken at its word."""
    computed = hashlib.sha256(raw[:-_HASH_TAIL] + _END).hexdigest()
    follows = line if seq > 1 and before is None else None
    expected = (before.seq + 1 if before else 1) if follows is None else line.seq
    previous = (before.hash if before else GENESIS) if follows is None else line.previous
    checks = (
        ("hash", line.hash, computed, "the line was changed"),
        ("seq", line.seq, expected, "a line was removed, added or moved"),
        ("previous", line.previous, previous, "the line before it is another one"),
        ("merkle_root", line.merkle_root, root, "the lines up to here are others"),
    )
    for name, stated, should, meaning in checks:
        if stated != should:
            return LedgerProblem(seq, name, f"states {stated}, should be {should}: {meaning}.", _BACKUP)
    return None


def _line(raw: bytes) -> Line:
    values = json.loads(raw)
    if not isinstance(values, dict) or tuple(values) != _FIELDS:
        raise ValueError(f"expected the fields {', '.join(_FIELDS)} in this order")
    if raw[-_TAIL:][: len(_ROOT_MARK)] != _ROOT_MARK or raw[-_HASH_TAIL:][: len(_HASH_MARK)] != _HASH_MARK:
        raise ValueError("its tail is not `merkle_root` and `hash` of 64 hexadecimal digits")
    return Line(**{**values, "at": datetime.fromisoformat(values["at"])})


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _require_characters(body: Any) -> Any:
    text = json.dumps(body, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        around = text[max(error.start - 20, 0) : error.end + 20].encode(errors="backslashreplace").decode()
        raise LedgerError(
            f"`{around}` holds bytes that are no UTF-8, and can't be recorded; nothing was.\n"
            "  Write it in characters, in a terminal that is set to UTF-8, and try again."
        ) from None
    return body


def _dump(value: Mapping[str, Any]) -> str:
    def plain(item: object) -> Any:
        if isinstance(item, datetime):
            return _instant(item)
        raise TypeError(f"{item!r} is no JSON value; give text, numbers, lists or mappings")

    return json.dumps(value, separators=(",", ":"), allow_nan=False, default=plain)
