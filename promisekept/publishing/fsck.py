"""What is wrong below a home, and how to repair it.

Here: the ledger's chain, the hash of every file that the ledger names, the conservation of rows, orphans, the pointer,
the export log, the pseudonym keys.
Nothing is changed but the pointer, where that is asked for. Not here: other repairs; what a killed run left behind, the next run
removes or finishes by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promisekept.durable import file_sha256
from promisekept.errors import ConfigError, PublishingError
from promisekept.file_rights import require_readable
from promisekept.publishing import export_log
from promisekept.publishing.history import FOLDER, publications_with_history, unnamed
from promisekept.publishing.publications import Snapshot, damage, published_snapshots
from promisekept.publishing.reader import read_current
from promisekept.publishing.store import SnapshotStore
from promisekept.sources.zone.batches import CLEARED, RETIRED, Zone
from promisekept.sources.zone.keyring import load_keyring, require_held
from promisekept.sources.zone.ledger import NAME, Ledger, LedgerError, Line, verify_file

_BEFORE_MAPPING = ("mapped", "skipped", "unmapped", "held_back")
_AFTER_MAPPING = ("landed", "duplicate", "superseding", "conflicting", "quarantined")
_WRITTEN = ("landed", "superseding", "conflicting")
_RESTORE = "Restore the file from a backup of home; its name and hash stand in the ledger."


@dataclass(frozen=True, slots=True)
class StoreProblem:
    """One thing that is wrong: where, what, and the remedy."""

    where: str
    says: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.says}\n  {self.remedy}"


def fsck(home: Path, checkpoint: tuple[int, str] | None = None, pseudonym: Path | None = None) -> list[StoreProblem]:
    """Check everything that is kept below `home`; empty = sound.

    Args:
        home: the folder of the pipeline.
        checkpoint: size and Merkle root of an earlier ledger, kept elsewhere; today's must extend it.
        pseudonym: the file of the pseudonym key, `keys.pseudonym`; None = keys are not looked at.

    Raises:
        PermissionError: this account may not read all of it, so that it can't be known.
    """
    require_readable(home)
    found = [
        StoreProblem(f"landing/{NAME}, line {problem.seq}, {problem.field}", problem.says, problem.remedy)
        for problem in verify_file(home / "landing" / NAME)
    ]
    try:
        ledger = Ledger.open(home)
    except LedgerError:
        return found
    if checkpoint is not None and not ledger.extends(*checkpoint):
        found.append(
            StoreProblem(
                f"landing/{NAME}",
                f"it does not extend the checkpoint of {checkpoint[0]} lines with root {checkpoint[1]}.",
                "Lines were rewritten or lost after that checkpoint: restore the ledger from a backup.",
            )
        )
    found.extend(_landing(home, ledger))
    found.extend(_snapshots(home, ledger))
    found.extend(_history(home, ledger))
    found.extend(_pointer(home, ledger))
    found.extend(
        StoreProblem(export_log.FILE, f"{message}.", "Restore it from a backup of home.")
        for message in export_log.problems(home, ledger)
    )
    found.extend(_keys(home, ledger, pseudonym) if pseudonym is not None else ())
    return found


def repair_pointer(home: Path) -> None:
    """Let CURRENT name the newest snapshot that the ledger names. Needs the writer lock; nothing else is changed."""
    ledger = Ledger.open(home)
    if any(_pointer(home, ledger)):
        available = [snapshot for snapshot in published_snapshots(ledger) if not snapshot.retired]
        if available:
            SnapshotStore(home).point_to(max(available, key=lambda snapshot: snapshot.sequence))


def _keys(home: Path, ledger: Ledger, pseudonym: Path) -> Iterator[StoreProblem]:
    """What `run` and `export` would stop at in the keys: gone, open to others, or not those of the landed rows."""
    try:
        require_held(load_keyring(pseudonym), Zone(home, ledger), ledger)
    except ConfigError as error:
        message, _, remedy = str(error).partition("\n")
        where, _, what = message.partition(": ")
        yield StoreProblem(where, what, remedy.strip())


def _landing(home: Path, ledger: Ledger) -> Iterator[StoreProblem]:
    named: dict[str, tuple[str, str]] = {}
    old: dict[str, bool] = {}
    for line in ledger.lines():
        if line.kind == "batch":
            yield from _conservation(line)
        for file, sha256 in _made_by(line):
            named[file] = (sha256, _named(line))
        for file, overdue in _replaced_by(line):
            named.pop(file, None)
            old[file] = overdue
    for file, (sha256, where) in named.items():
        yield from _file(home / "landing" / file, sha256, where)
    for path in sorted((home / "landing").glob("*/*.parquet")):
        file = path.relative_to(home / "landing").as_posix()
        if old.get(file) and file not in named:
            yield StoreProblem(
                f"landing/{file}",
                "its time is over and the ledger names its successor; a run was killed before it could remove it.",
                "The next `promisekept run` removes it.",
            )
        elif file not in named and file not in old:
            yield StoreProblem(
                f"landing/{file}",
                "no line of the ledger names this file; a run was killed between writing it and recording it.",
                "It counts for nothing. Run `promisekept run`, which lands its source again, then delete it.",
            )


def _made_by(line: Line) -> Iterator[tuple[str, str]]:
    """The files that a line names for the first time, each with its hash."""
    body = line.body
    if line.kind == "batch":
        if body["file"]:
            yield body["file"], body["sha256"]
        for beside in (body.get("quarantine"), body.get("history")):
            if beside and beside["file"]:
                yield beside["file"], beside["sha256"]
    elif line.kind == "pack":
        yield body["file"], line.content_hash
    for output in [body["output"]] if line.kind == "compaction" else _outputs(line):
        yield output["file"], output["sha256"]


def _replaced_by(line: Line) -> Iterator[tuple[str, bool]]:
    """The files in whose place a line puts another one or none, and whether they have to be gone."""
    outputs = {file for file, _ in _made_by(line)}
    if line.kind == "compaction":
        yield from ((input_file["file"], False) for input_file in line.body["inputs"] if input_file["file"] not in outputs)
    elif line.kind in (RETIRED, CLEARED):
        yield from ((entry["file"], True) for entry in line.body["files"] if entry["file"] not in outputs)


def _outputs(line: Line) -> list[Mapping[str, Any]]:
    return [entry["output"] for entry in line.body["files"] if entry["output"]] if line.kind in (RETIRED, CLEARED) else []


def _conservation(line: Line) -> Iterator[StoreProblem]:
    counts: Mapping[str, int] = line.body["counts"]
    for whole, parts in (("source_rows", _BEFORE_MAPPING), ("read", _AFTER_MAPPING)):
        total = sum(counts[part] for part in parts)
        if counts[whole] != total:
            yield _lost(line, f"{whole} is {counts[whole]}, but {' + '.join(parts)} is {total}: rows are unaccounted for.")
    written = sum(counts[part] for part in _WRITTEN)
    if written != line.body["rows"]:
        yield _lost(line, f"{' + '.join(_WRITTEN)} is {written}, but the file holds {line.body['rows']} rows.")


def _lost(line: Line, message: str) -> StoreProblem:
    source = line.body["source"]
    remedy = f"Land it again: `promisekept reland --source {source} --batch {line.body['batch_id']} --reason fsck`."
    return StoreProblem(f"landing/{NAME}, line {line.seq}, batch {line.body['batch_id']} of {source}", message, remedy)


def _file(path: Path, sha256: str, where: str) -> Iterator[StoreProblem]:
    try:
        found = file_sha256(path)
    except OSError as error:
        yield StoreProblem(str(path), f"can't be read ({error.strerror}); {where} names it.", _RESTORE)
        return
    if found != sha256:
        yield StoreProblem(str(path), f"its SHA-256 is {found}, {where} recorded {sha256}: the file was changed.", _RESTORE)


def _snapshots(home: Path, ledger: Ledger) -> Iterator[StoreProblem]:
    folder = home / "snapshots"
    snapshots = published_snapshots(ledger)
    for snapshot in snapshots:
        for message in [] if snapshot.retired else damage(folder / snapshot.id, snapshot.manifest_sha256):
            yield StoreProblem(f"snapshots/{snapshot.id}", f"{message}.", _replacement(snapshot, snapshots))
    ids = {snapshot.id for snapshot in snapshots}
    for path in sorted(folder.glob("[0-9]*-*")):
        if path.name not in ids:
            yield StoreProblem(
                f"snapshots/{path.name}",
                "no line of the ledger names this snapshot; a run was killed while publishing it.",
                "It was never current. The next `promisekept run` removes it.",
            )


def _history(home: Path, ledger: Ledger) -> Iterator[StoreProblem]:
    for line in publications_with_history(ledger):
        stated = line.body["history"]
        yield from _file(home / stated["file"], stated["sha256"], _named(line))
    for path in unnamed(home, ledger):
        yield StoreProblem(
            f"{FOLDER}/{path.name}",
            "no line of the ledger names this file; a run was killed while publishing.",
            "It counts for nothing. The next `promisekept run` removes it.",
        )


def _replacement(damaged: Snapshot, snapshots: list[Snapshot]) -> str:
    others = [other.id for other in snapshots if other.id != damaged.id and not other.retired]
    back = f" or go back with `promisekept snapshots rollback {others[-1]}`" if others else ""
    return f"`promisekept restore` builds it again from landing;{back} or restore the folder from a backup."


def _pointer(home: Path, ledger: Ledger) -> Iterator[StoreProblem]:
    snapshots = {snapshot.id: snapshot for snapshot in published_snapshots(ledger)}
    remedy = "`promisekept fsck --repair` points CURRENT to the newest snapshot that the ledger names; so does `promisekept run`."
    try:
        record: Mapping[str, Any] | None = read_current(home)
    except PublishingError as error:
        yield StoreProblem("CURRENT", str(error).splitlines()[0], remedy)
        return
    newest = max(snapshots.values(), key=lambda snapshot: snapshot.sequence, default=None)
    name = record["snapshot"] if record else None
    if newest is None:
        if name is not None:
            yield StoreProblem("CURRENT", f"it names {name}, which the ledger does not name.", remedy)
    elif record is None or name != newest.id:
        yield StoreProblem("CURRENT", f"it names {name}, the newest published snapshot is {newest.id}.", remedy)
    elif record["manifest_sha256"] != newest.manifest_sha256 or record["sequence"] != newest.sequence:
        yield StoreProblem("CURRENT", f"its record of {name} differs from the ledger's.", remedy)


def _named(line: Line) -> str:
    return f"line {line.seq} of the ledger"
