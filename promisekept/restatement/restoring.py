"""Snapshots and history files that were lost, put back as they were published.

Here: which are lost, putting one back after its marts were built again, and giving up what can't be. Not here: building marts
(orchestration/restoring.py). What comes back has the id, the number and the content hash that the ledger recorded; the bytes of
a database are never the same twice, so one more line of the ledger names those of now. A history file has the same bytes again,
or does not come back.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from promisekept.durable import file_sha256, has_sha256, json_bytes, sync_folder, write_durably
from promisekept.errors import PublishingError
from promisekept.publishing.candidate import Candidate
from promisekept.publishing.history import (
    HISTORY_LOST,
    add_entries,
    history_database,
    history_files,
    publications_with_history,
    read_entries,
    write_entries,
    write_history,
)
from promisekept.publishing.manifests import IN_LEDGER, instant, models, tables
from promisekept.publishing.publications import PUBLISHED, RESTORED, damage, published_snapshots
from promisekept.publishing.reader import HISTORY_FILE
from promisekept.publishing.store import SnapshotStore
from promisekept.publishing.verdict import Verdict, verdict_to_json
from promisekept.restatement.comparison import compare_rebuilt
from promisekept.sources.zone.ledger import Ledger, Line


@dataclass(frozen=True, slots=True)
class LostPublication:
    """One publication of which something is lost: its folder, its file of the history, or both."""

    line: Line
    folder: bool
    history: bool

    @property
    def id(self) -> str:
        """The snapshot's id."""
        return str(self.line.body["id"])


def find_lost(home: Path, ledger: Ledger) -> list[LostPublication]:
    """Every publication whose files are gone or are not those that the ledger recorded, oldest first.

    Of a snapshot that was purged only the history is missed.
    """
    snapshots = {snapshot.id: snapshot for snapshot in published_snapshots(ledger)}
    with_history = {line.seq for line in publications_with_history(ledger)}
    found = []
    for line in ledger.lines():
        if line.kind in PUBLISHED:
            snapshot = snapshots[line.body["id"]]
            folder = not snapshot.retired and bool(damage(home / "snapshots" / snapshot.id, snapshot.manifest_sha256))
            history = line.seq in with_history and not _is_there(home, line.body["history"])
            if folder or history:
                found.append(LostPublication(line, folder, history))
    return found


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The marts of a publication, built again, and the publish gate's verdict on them."""

    candidate: Candidate
    verdict: Verdict


def put_back(home: Path, ledger: Ledger, lost: LostPublication, rebuilt: Rebuilt, at: datetime) -> None:
    """Put back one publication whose marts were built again. Needs the writer lock; the candidate is used up.

    Args:
        home: the folder of the pipeline.
        ledger: of that home.
        lost: what is to come back; everything published before it is there.
        rebuilt: its marts.
        at: when.

    Raises:
        PublishingError: they do not have the published content, the gate rejects them, or what was published before them is
            unknown. Nothing was put back.
    """
    candidate = rebuilt.candidate
    place = candidate.file.parent
    try:
        _require_same(lost, rebuilt)
        quality = json_bytes(verdict_to_json(rebuilt.verdict))
        manifest = _manifest(ledger, lost.line, candidate, quality)
        with history_database() as connection:
            earlier = [line for line in publications_with_history(ledger) if line.seq < lost.line.seq]
            names = {line.body["history"]["file"] for line in earlier}
            read_entries(connection, home, [entry_file for entry_file in history_files(ledger) if entry_file.file in names])
            comparison = compare_rebuilt(home, ledger, candidate, lost.line)
            add_entries(connection, comparison, manifest)
            if lost.history:
                _put_back_history(connection, home, lost, comparison.metrics)
            write_history(connection, place)
        if not lost.folder:
            return
        write_durably(place / "quality.json", quality)
        history = place / HISTORY_FILE
        raw = json_bytes(manifest | {"history_sha256": file_sha256(history), "history_bytes": history.stat().st_size})
        write_durably(place / "manifest.json", raw)
        for file in place.iterdir():
            file.chmod(0o400)
        sync_folder(place)
        target = home / "snapshots" / lost.id
        shutil.rmtree(target, ignore_errors=True)
        place.rename(target)
        sync_folder(target.parent)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    body = {"id": lost.id, "manifest_sha256": hashlib.sha256(raw).hexdigest(), "rebuilt": manifest["rebuilt"]}
    ledger.append(RESTORED, body | {"file_sha256": candidate.sha256}, at, lost.line.content_hash)


def give_up(home: Path, ledger: Ledger, lost: list[LostPublication], at: datetime, reason: str) -> None:
    """Record in the ledger that something is gone for good, so that the next run publishes without it. Needs the writer lock.

    Snapshots that can't come back are retired. Without a file of the history it is unknown what its snapshot was the
    first to state, and the next publication is compared with what is left.
    """
    files = [one.line.body["history"]["file"] for one in lost if one.history]
    if files:
        ledger.append(HISTORY_LOST, {"files": files, "reason": reason}, at, hashlib.sha256("\n".join(files).encode()).hexdigest())
    for one in lost:
        if one.folder:
            body = {"id": one.id, "as_of": one.line.body["as_of"], "reason": reason}
            ledger.append("retired", body, at, one.line.content_hash)
            shutil.rmtree(home / "snapshots" / one.id, ignore_errors=True)


def point_to_newest(home: Path, ledger: Ledger) -> None:
    """Let CURRENT name the newest snapshot that is there, if it is the newest published one. Needs the writer lock."""
    SnapshotStore(home).recover(ledger)
    snapshots = published_snapshots(ledger)
    if not snapshots or snapshots[-1].retired:
        return
    newest = snapshots[-1]
    if not damage(home / "snapshots" / newest.id, newest.manifest_sha256):
        SnapshotStore(home).point_to(newest)


def _is_there(home: Path, stated: Mapping[str, Any]) -> bool:
    return has_sha256(home / str(stated["file"]), str(stated["sha256"]))


def _require_same(lost: LostPublication, rebuilt: Rebuilt) -> None:
    candidate = rebuilt.candidate
    if candidate.content_hash != lost.line.content_hash:
        raise PublishingError(
            f"Snapshot {lost.id}: built again it has another content (content hash {candidate.content_hash[:12]}, published"
            f" {lost.line.content_hash[:12]})."
        )
    objections = rebuilt.verdict.objections(candidate)
    if objections:
        raise PublishingError(f"Snapshot {lost.id}: the publish gate of today rejects it: {'; '.join(objections)}.")


def _manifest(ledger: Ledger, line: Line, candidate: Candidate, quality: bytes) -> dict[str, Any]:
    """As it was stated when it was published; only what concerns bytes is new."""
    before = line.seq - 1
    return {
        **{field: line.body[field] for field in IN_LEDGER if field in line.body},
        "organisation": candidate.provenance.organisation,
        "published_at": instant(line.at),
        "content_hash": line.content_hash,
        "models": models(candidate),
        "tables": tables(candidate),
        "file_sha256": candidate.sha256,
        "file_bytes": candidate.file.stat().st_size,
        "quality_sha256": hashlib.sha256(quality).hexdigest(),
        "ledger_size": before,
        "ledger_root": ledger.root_at(before),
        "rebuilt": {"code_version": candidate.provenance.code_version, "duckdb_version": duckdb.__version__},
    }


def _put_back_history(connection: duckdb.DuckDBPyConnection, home: Path, lost: LostPublication, metrics: Iterable[str]) -> None:
    stated = lost.line.body["history"]
    written = write_entries(connection, home, lost.id, metrics)
    if written.sha256 != stated["sha256"]:
        (home / written.file).unlink()
        raise PublishingError(
            f"Snapshot {lost.id}: its marts are the published ones, but what it restates comes out"
            f" differently ({written.rows} entries, recorded {stated['rows']})."
        )
