"""Where published snapshots live and how one becomes the current one.

Here: naming, the manifest, the order of steps that survives a crash, the CURRENT pointer, rollback. Not here:
deciding whether a candidate may be published (verdict.py), reading marts (reader.py), what differs between two
snapshots (difference.py), retention (retention/snapshots.py). Only this room writes below `snapshots/`, under the writer lock.

Publishing is: what changed, into the history -> files durable -> rename -> ledger line -> CURRENT. A folder or a file of
the history without a ledger line was never published and is removed by `recover`; a ledger line that CURRENT does not name
yet was published, and `recover` finishes the swap.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from promisekept.durable import (
    file_sha256,
    file_stat,
    json_bytes,
    replace_durably,
    sync_file,
    sync_folder,
    write_durably,
)
from promisekept.errors import PublishingError
from promisekept.publishing.candidate import FILE, PREFIX, Candidate, remove_candidates
from promisekept.publishing.history import (
    HISTORY_LOST,
    Comparison,
    HistoryFile,
    add_entries,
    clear_unnamed,
    history_database,
    history_files,
    read_entries,
    write_entries,
    write_history,
)
from promisekept.publishing.manifests import IN_LEDGER, identity, instant, name
from promisekept.publishing.publications import (
    PUBLISHED,
    RESTORED,
    Snapshot,
    damage,
    last_sequence,
    published_snapshots,
    snapshot_of,
    states,
)
from promisekept.publishing.reader import HISTORY_FILE, read_current
from promisekept.publishing.verdict import Verdict, verdict_to_json
from promisekept.sources.zone.batches import CLEARED
from promisekept.sources.zone.keyring import FORGOTTEN, ROTATED
from promisekept.sources.zone.ledger import Ledger

_NO_NEWS = (*PUBLISHED, RESTORED, HISTORY_LOST, "retired", "export", ROTATED, FORGOTTEN, CLEARED)
_NAME = re.compile(r"^\d{4,}-[0-9a-f]{6}$")
_SHOWN = 20
_NOTHING_YET: Mapping[str, Any] = {
    "sequence": 0,
    "snapshot": None,
    "manifest_sha256": None,
    "published_at": None,
    "refused": None,
    "rolled_back_to": None,
}


class SnapshotStore:
    """The snapshots of one home. Whatever writes needs the writer lock; whatever happened is read from the ledger."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "snapshots"

    def publish(
        self, candidate: Candidate, verdict: Verdict | None, comparison: Comparison, ledger: Ledger, at: datetime
    ) -> Snapshot:
        """Make an audited candidate the current snapshot, atomically.

        Args:
            candidate: closed file with one table per mart; its bytes are hashed again if somebody wrote to it.
            verdict: the publish gate's decision; must be positive and bound to this candidate.
            comparison: of its figures with those published before; must be bound to this candidate and to the last publication.
            ledger: gets the line of the snapshot.
            at: the instant of publication.

        Returns:
            The new snapshot, its sequence number one above the last; or the current one where nothing was landed since
            and every figure is the same: publishing is idempotent.

        Raises:
            PublishingError: the verdict is absent, negative, stale or of another candidate, or the disk is full.
                The last good snapshot is still current.
        """
        self.recover(ledger, keep=candidate)
        objections = ["there is no verdict on it"] if verdict is None else verdict.objections(candidate)
        if file_stat(candidate.file) != candidate.stat and file_sha256(candidate.file) != candidate.sha256:
            objections.append("its bytes changed after its audit")
        if ledger.merkle_root != candidate.provenance.ledger_root:
            objections.append("it is stale: the ledger has grown since it was written")
        if comparison.content_hash != candidate.content_hash or comparison.until_sequence != last_sequence(ledger):
            objections.append("it was compared with other publications than those that the ledger names")
        if verdict is None or objections:
            raise PublishingError(
                "The candidate may not be published; the last good snapshot is still current.\n  "
                + "\n  ".join(objections[:_SHOWN])
                + "\n  Fix what these checks guard and run again; the quality page shows all of them."
            )
        same = self._same_as_current(candidate, ledger)
        if same is not None:
            self.discard(candidate)
            self.point_to(same)
            return same
        try:
            return self._publish(candidate, verdict, comparison, ledger, at)
        except (OSError, duckdb.OperationalError, duckdb.FatalException) as error:
            raise PublishingError(
                f"{self.folder}: publishing stopped ({_first_line(error)}); readers still see the last good snapshot.\n"
                "  Free space and run again; the rerun finishes or undoes what was begun."
            ) from error

    def reject(self, verdict: Verdict, at: datetime) -> None:
        """Record in CURRENT that a candidate was rejected and remove it: the snapshot stays, every page shows the banner."""
        self.recover(Ledger.open(self.home))
        record = read_current(self.home) or dict(_NOTHING_YET)
        self._swap(record | {"refused": {"at": instant(at)} | verdict.rejection()})
        remove_candidates(self.folder)

    def discard(self, candidate: Candidate) -> None:
        """Remove a candidate that is not going to be published."""
        shutil.rmtree(candidate.file.parent, ignore_errors=True)

    def rollback(self, snapshot: str, comparison: Comparison, ledger: Ledger, at: datetime) -> Snapshot:
        """Publish the content of an earlier snapshot again, under a new sequence number and with a banner.

        Args:
            snapshot: its id.
            comparison: of its figures with everything published until now.
            ledger: gets the line of the new snapshot.
            at: the instant of publication.

        Raises:
            PublishingError: there is no such snapshot, its files are gone, or they are not what the ledger recorded.
        """
        self.recover(ledger)
        old = self.intact_folder(snapshot, ledger)
        stated = json.loads((old / "manifest.json").read_bytes())
        sequence = last_sequence(ledger) + 1
        changed = {
            "id": name(sequence, stated["content_hash"]),
            "sequence": sequence,
            "published_at": instant(at),
            "restored": stated["restored"] or snapshot,
        }
        place = self.folder / f"{PREFIX}{changed['id']}"
        place.mkdir()
        try:
            os.link(old / FILE, place / FILE)
        except OSError:
            shutil.copyfile(old / FILE, place / FILE)
            sync_file(place / FILE)
        write_durably(place / "quality.json", (old / "quality.json").read_bytes())
        return self._commit(place, stated | changed, comparison, ledger, at)

    def list(self) -> list[Snapshot]:
        """Every snapshot ever published, newest first, also those whose files retention has removed."""
        record = read_current(self.home)
        snapshots = published_snapshots(Ledger.open(self.home), record["snapshot"] if record else None)
        return [self._with_manifest(snapshot) for snapshot in reversed(snapshots)]

    def get(self, snapshot: str) -> Snapshot:
        """One published snapshot by its id.

        Raises:
            PublishingError: there is none; the message lists those that there are.
        """
        found = {published.id: published for published in self.list()}
        if snapshot not in found:
            raise _unknown(snapshot, found.values())
        return found[snapshot]

    def intact_folder(self, snapshot: str, ledger: Ledger) -> Path:
        """The folder of a published snapshot, after its files were found to be those that the ledger recorded.

        Raises:
            PublishingError: there is none of that id, it is retired, or a file is missing or changed.
        """
        found = {published.id: published for published in published_snapshots(ledger)}
        if snapshot not in found:
            raise _unknown(snapshot, found.values())
        if found[snapshot].retired:
            raise PublishingError(f"The files of snapshot `{snapshot}` were purged by our retention.\n  Choose a later one.")
        problems = damage(self.folder / snapshot, found[snapshot].manifest_sha256)
        if problems:
            raise PublishingError(f"Snapshot `{snapshot}` is damaged: {'; '.join(problems)}.\n  Choose another one.")
        return self.folder / snapshot

    def recover(self, ledger: Ledger, keep: Candidate | None = None) -> tuple[str, ...]:
        """Finish or undo what a killed process left behind; returns what was done.

        Needs the writer lock. Called by `publish` and `rollback`; a run calls it before it begins, too.
        """
        done = []
        snapshots = {snapshot.id: snapshot for snapshot in published_snapshots(ledger)}
        for path in sorted(self.folder.iterdir()) if self.folder.is_dir() else []:
            is_available = path.name in snapshots and not snapshots[path.name].retired
            ours = path.name.startswith(PREFIX) or _NAME.match(path.name)
            if ours and not is_available and (keep is None or path != keep.file.parent):
                shutil.rmtree(path, ignore_errors=True)
                done.append(f"removed {path.name}, which was never published or is retired")
        done.extend(clear_unnamed(self.home, ledger))
        for path in self.home.glob(".CURRENT-*"):
            path.unlink()
        try:
            record = read_current(self.home)
        except PublishingError:
            record = None
        available = [snapshot for snapshot in snapshots.values() if not snapshot.retired]
        last = max(available, key=lambda snapshot: snapshot.sequence, default=None)
        if last and (record is None or (record["snapshot"] != last.id and (self.folder / last.id).is_dir())):
            self.point_to(last)
            done.append(f"CURRENT names {last.id} now, as the ledger does")
        return tuple(done)

    def _publish(self, candidate: Candidate, verdict: Verdict, comparison: Comparison, ledger: Ledger, at: datetime) -> Snapshot:
        quality = json_bytes(verdict_to_json(verdict))
        write_durably(candidate.file.parent / "quality.json", quality)
        sequence = last_sequence(ledger) + 1
        manifest = identity(candidate) | {
            "id": name(sequence, candidate.content_hash),
            "sequence": sequence,
            "published_at": instant(at),
            "known_at": instant(candidate.provenance.known_at),
            "known_seq": candidate.provenance.known_seq,
            "file_sha256": candidate.sha256,
            "file_bytes": candidate.file.stat().st_size,
            "quality_sha256": hashlib.sha256(quality).hexdigest(),
            "ledger_size": ledger.seq,
            "ledger_root": candidate.provenance.ledger_root,
            "restored": None,
        }
        return self._commit(candidate.file.parent, manifest, comparison, ledger, at)

    def _commit(self, place: Path, manifest: Mapping[str, Any], comparison: Comparison, ledger: Ledger, at: datetime) -> Snapshot:
        kind = "rollback" if manifest["restored"] else "snapshot"
        history_file = self._write_history(place, manifest, comparison, ledger)
        history = place / HISTORY_FILE
        stated = {**manifest, "history_sha256": file_sha256(history), "history_bytes": history.stat().st_size}
        raw = json_bytes(stated)
        write_durably(place / "manifest.json", raw)
        for file in place.iterdir():
            file.chmod(0o400)
        sync_folder(place)
        place.rename(self.folder / manifest["id"])
        sync_folder(self.folder)
        body = {field: manifest[field] for field in IN_LEDGER} | {
            "manifest_sha256": hashlib.sha256(raw).hexdigest(),
            "rows": sum(table["rows"] for table in manifest["tables"].values()),
            "history": history_file.as_body(),
        }
        snapshot = snapshot_of(ledger.append(kind, body, at, manifest["content_hash"]))
        self.point_to(snapshot)
        return snapshot

    def _write_history(self, place: Path, manifest: Mapping[str, Any], comparison: Comparison, ledger: Ledger) -> HistoryFile:
        with history_database() as connection:
            read_entries(connection, self.home, history_files(ledger))
            add_entries(connection, comparison, manifest)
            history_file = write_entries(connection, self.home, manifest["id"], comparison.metrics)
            write_history(connection, place)
        return history_file

    def current_snapshot(self, ledger: Ledger) -> Snapshot | None:
        """The current snapshot, whose files are not read; None where it was rolled back to or the ledger names no such."""
        record = read_current(self.home)
        if record is None or record["snapshot"] is None or record["rolled_back_to"]:
            return None
        return next((snapshot for snapshot in published_snapshots(ledger) if snapshot.id == record["snapshot"]), None)

    def intact_current(self, ledger: Ledger, same: Mapping[str, Any] | None = None) -> Snapshot | None:
        """The current snapshot; None where it was rolled back to, or where its files are not what the ledger recorded.

        Args:
            ledger: of the home.
            same: what its manifest must state, if anything; the other files of one that states otherwise are not read.
        """
        snapshot = self.current_snapshot(ledger)
        if snapshot is None:
            return None
        folder, sha256 = self.folder / snapshot.id, snapshot.manifest_sha256
        if (same and not states(folder, sha256, same)) or damage(folder, sha256):
            return None  # published again, it is whole again
        return snapshot

    def _same_as_current(self, candidate: Candidate, ledger: Ledger) -> Snapshot | None:
        """The current snapshot, if the candidate's content is the same."""
        current = self.intact_current(ledger, identity(candidate))
        if current is None:
            return None
        stated = self._with_manifest(current).manifest
        news = [line for line in ledger.lines() if line.seq > stated["known_seq"] and line.kind not in _NO_NEWS]
        return None if news else current

    def standing(self, candidate: Candidate) -> Snapshot | None:
        """The newest snapshot with the content of a candidate, whether it is current or not; None where there is none."""
        same = identity(candidate)
        for snapshot in self.list():
            is_original = not (snapshot.retired or snapshot.restored)
            if is_original and all(snapshot.manifest.get(name) == value for name, value in same.items()):
                return snapshot
        return None

    def _with_manifest(self, snapshot: Snapshot) -> Snapshot:
        """The manifest as it lies in the folder; where the files are gone, what the ledger remembers of it."""
        try:
            manifest = json.loads((self.folder / snapshot.id / "manifest.json").read_bytes())
        except (OSError, ValueError):
            return snapshot
        return replace(snapshot, manifest=manifest)

    def point_to(self, snapshot: Snapshot) -> None:
        """Let CURRENT name a snapshot."""
        self._swap(
            {
                "sequence": snapshot.sequence,
                "snapshot": snapshot.id,
                "manifest_sha256": snapshot.manifest_sha256,
                "published_at": instant(snapshot.published_at),
                "refused": None,
                "rolled_back_to": snapshot.restored,
            }
        )

    def _swap(self, record: Mapping[str, Any]) -> None:
        pointer = self.home / "CURRENT"
        if pointer.is_dir():  # nothing of ours: kept for whoever made it
            pointer.rename(self.home / f"CURRENT.aside-{record['sequence']}")
        replace_durably(pointer, json_bytes(record))


def _first_line(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error).splitlines()[0]


def _unknown(snapshot: str, snapshots: Iterable[Snapshot]) -> PublishingError:
    available = ", ".join(published.id for published in snapshots if not published.retired) or "none"
    return PublishingError(f"There is no snapshot `{snapshot}`.\n  There are: {available}")
