"""What a bundle proves of the ledger: that it holds this snapshot, and that it continues the one of the bundle before.

Here: `metadata/log-proof.txt` (the form of C2SP tlog-proof), `metadata/log-consistency.txt` (an `old` line, hashes and a
checkpoint, as C2SP tlog-witness sends them), reading and checking both, and reading the checkpoint of either. Not here: the trees
(merkle.py) or the ledger's lines (sources/zone/ledger.py).

A checkpoint is the text of C2SP tlog-checkpoint: origin, size, root. The log has no key of its own, so no signature line follows:
who vouches for a checkpoint is who signed the bundle that holds it. The origin is made of the ledger's first line, so the same
ledger has it for ever and another one has another. The proof's `extra` line is the leaf itself: the snapshot's line in the ledger
without `merkle_root` and `hash`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from promisekept.errors import EvidenceError
from promisekept.evidence.merkle import (
    consistency_path,
    inclusion_path,
    is_extended,
    is_included,
)
from promisekept.sources.zone.ledger import Ledger
from promisekept.sources.zone.merkle import leaf_hash

FILE = "metadata/log-proof.txt"
CONSISTENCY_FILE = "metadata/log-consistency.txt"
_FORM = "c2sp.org/tlog-proof@v1"
_ORIGIN = "promisekept/ledger/"
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a ledger: which one, how many lines it had, and their Merkle root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """As C2SP tlog-checkpoint writes it; the empty line after which signatures would stand included."""
        return f"{self.origin}\n{self.size}\n{_encoded(self.root)}\n\n"


@dataclass(frozen=True, slots=True)
class LogProof:
    """That a leaf stands at `index` in the tree of a checkpoint; `leaf` is its content."""

    leaf: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    @property
    def holds(self) -> bool:
        """Whether it proves what it states."""
        size, root = self.checkpoint.size, self.checkpoint.root
        return is_included(leaf_hash(self.leaf), self.index, size, self.path, root)

    @property
    def line(self) -> dict[str, Any]:
        """The content of the leaf."""
        line = json.loads(self.leaf)
        return line if isinstance(line, dict) else {}

    @property
    def text(self) -> str:
        """As the file holds it."""
        hashes = "".join(f"{_encoded(node)}\n" for node in self.path)
        return f"{_FORM}\nextra {_encoded(self.leaf)}\nindex {self.index}\n{hashes}\n{self.checkpoint.text}"


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the tree of a checkpoint begins with an earlier one of `old_size` leaves."""

    old_size: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    def holds_for(self, earlier: Checkpoint) -> bool:
        """Whether it proves that its checkpoint continues that one."""
        same_log = earlier.origin == self.checkpoint.origin and earlier.size == self.old_size
        return same_log and is_extended(self.old_size, earlier.root, self.checkpoint.size, self.checkpoint.root, self.path)

    @property
    def text(self) -> str:
        """As the file holds it."""
        hashes = "".join(f"{_encoded(node)}\n" for node in self.path)
        return f"old {self.old_size}\n{hashes}\n{self.checkpoint.text}"


_Proof = TypeVar("_Proof", LogProof, ConsistencyProof)


def origin_of(ledger: Ledger) -> str:
    """The name of a ledger, by which two checkpoints of one ledger are recognised.

    Raises:
        LedgerError: it has no line yet.
    """
    return _ORIGIN + ledger.line(1).hash[:32]


def log_proof(home: Path, seq: int) -> str:
    """The text of `metadata/log-proof.txt` for the snapshot whose ledger line has a sequence number.

    It is made at the tree size of that very line, so it stays the same however much the ledger grows.

    Raises:
        LedgerError: the ledger is not sound or has no such line.
    """
    ledger = Ledger.open(home)
    line = ledger.line(seq)
    leaves = ledger.leaves(seq)
    path = inclusion_path([leaf_hash(leaf) for leaf in leaves], seq - 1)
    checkpoint = Checkpoint(origin_of(ledger), seq, bytes.fromhex(line.merkle_root))
    return LogProof(leaves[-1], seq - 1, tuple(path), checkpoint).text


def consistency_proof(home: Path, old_seq: int, seq: int) -> str:
    """The text of `metadata/log-consistency.txt`: the ledger at line `seq` continues the ledger at line `old_seq`.

    Raises:
        LedgerError: the ledger is not sound or has no such lines.
    """
    ledger = Ledger.open(home)
    ledger.line(old_seq)
    checkpoint = Checkpoint(origin_of(ledger), seq, bytes.fromhex(ledger.line(seq).merkle_root))
    hashes = [leaf_hash(leaf) for leaf in ledger.leaves(seq)]
    return ConsistencyProof(old_seq, tuple(consistency_path(hashes, old_seq)), checkpoint).text


def read_log_proof(text: str) -> LogProof:
    """Read `metadata/log-proof.txt`.

    Raises:
        EvidenceError: it is none.
    """
    proof, _, note = text.partition("\n\n")
    form, extra, index, *path = proof.split("\n") if proof.count("\n") >= 2 else ("", "", "")
    if form != _FORM or not extra.startswith("extra ") or not index.startswith("index "):
        raise _unreadable(f"it does not begin with `{_FORM}`, an `extra` and an `index` line")
    place = _number(index.removeprefix("index "))
    read = LogProof(_decoded(extra.removeprefix("extra ")), place, _hashes(path), _checkpoint(note))
    return _as_written(read, text)


def read_consistency_proof(text: str) -> ConsistencyProof:
    """Read `metadata/log-consistency.txt`.

    Raises:
        EvidenceError: it is none.
    """
    proof, _, note = text.partition("\n\n")
    old, *path = proof.split("\n")
    if not old.startswith("old "):
        raise _unreadable("it does not begin with an `old` line")
    return _as_written(ConsistencyProof(_number(old.removeprefix("old ")), _hashes(path), _checkpoint(note)), text)


def read_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint that a file holds: a checkpoint itself, a proof from a bundle, or a bundle's folder.

    Raises:
        EvidenceError: there is no such file, or no checkpoint in it.
    """
    file = path / FILE if path.is_dir() else path
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise EvidenceError(
            f"{file}: can't be read ({why}).\n  Name {FILE} of an earlier bundle, or a checkpoint that you kept."
        ) from None
    try:
        return _checkpoint(text.partition("\n\n")[2] if text.startswith((_FORM, "old ")) else text)
    except EvidenceError as error:
        raise EvidenceError(f"{file}: {error}") from None


def log_problems(folder: Path, snapshot: str, content_hash: str, previous: Path | None = None) -> list[str]:
    """What is wrong with the proofs of a bundle; empty = the ledger held this snapshot, and continued the one before.

    Args:
        folder: of the bundle.
        snapshot: the id that the bundle states.
        content_hash: of the snapshot's content, as the bundle states it.
        previous: folder of the bundle before, where its checkpoint is to be compared.
    """
    try:
        proof = read_log_proof(_text(folder / FILE))
        following = read_consistency_proof(_text(folder / CONSISTENCY_FILE)) if (folder / CONSISTENCY_FILE).exists() else None
        earlier = read_log_proof(_text(previous / FILE)).checkpoint if previous else None
        line = proof.line
    except (EvidenceError, ValueError) as error:
        return [f"its ledger proof can't be read: {str(error).splitlines()[0]}"]
    found = []
    body = line.get("body")
    if not proof.holds:
        found.append(f"{FILE} does not prove that the ledger holds this snapshot")
    # The ledger writes its lines in one form; another spelling of the same line is not its line.
    canonical = json.dumps(line, separators=(",", ":")).encode() == proof.leaf
    if not canonical or not isinstance(body, dict) or (body.get("id"), line.get("content_hash")) != (snapshot, content_hash):
        found.append(f"{FILE} speaks of another snapshot than {snapshot}")
    if following is not None and following.checkpoint != proof.checkpoint:
        found.append(f"{CONSISTENCY_FILE} ends at another checkpoint than {FILE}")
    if earlier is not None and (following is None or not following.holds_for(earlier)):
        found.append(f"{CONSISTENCY_FILE} does not prove that the ledger continues the one of the bundle before")
    return found


def _as_written(read: _Proof, text: str) -> _Proof:
    """Written again a proof is what the file begins with, so that nothing in it can be read in two ways."""
    if not text.startswith(read.text):
        raise _unreadable("it is not written as a proof is")
    return read


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise _unreadable(f"{path.name} is missing or no text") from None


def _checkpoint(note: str) -> Checkpoint:
    """Signature lines of a log or of witnesses may follow; whoever has their keys checks them with other tools."""
    text, _, _ = note.partition("\n\n")
    lines = text.split("\n")
    if len(lines) < 3 or not all(lines[:3]):
        raise _unreadable("a checkpoint has three lines: origin, size and root")
    root = _decoded(lines[2])
    if len(root) != _HASH_BYTES:
        raise _unreadable(f"its root has {len(root)} bytes, not {_HASH_BYTES}")
    return Checkpoint(lines[0], _number(lines[1]), root)


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    found = tuple(_decoded(line) for line in lines)
    if any(len(node) != _HASH_BYTES for node in found):
        raise _unreadable("a line of the proof is no SHA-256 hash")
    return found


def _number(text: str) -> int:
    if not _SIZE.fullmatch(text):
        raise _unreadable(f"`{text[:40]}` is no number of lines")
    return int(text)


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _decoded(text: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _unreadable(f"`{text[:40]}` is no base64") from None
    if _encoded(value) != text:
        raise _unreadable(f"`{text[:40]}` is base64 in another than its one form")
    return value


def _unreadable(message: str) -> EvidenceError:
    return EvidenceError(f"this is no proof or checkpoint of a ledger, {message}.\n  Take it from the bundle again.")
