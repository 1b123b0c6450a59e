"""The publications that the ledger records, and whether their files are still what they were.

Here: reading ledger lines of kind `snapshot`, `rollback`, `restored` and `retired`, and the check of a snapshot's files. Not
here: writing any of it (store.py, restatement/restoring.py, retention/snapshots.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from promisekept.durable import file_sha256
from promisekept.publishing.candidate import FILE
from promisekept.publishing.reader import HISTORY_FILE
from promisekept.sources.zone.ledger import Ledger, LedgerError, Line

PUBLISHED = ("snapshot", "rollback")
RESTORED = "restored"
"""A snapshot whose files were lost and built again: its content is the same, its bytes differ."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published snapshot, as its ledger line records it.

    `restored` is the id whose content a rollback brought back, `restatements` how many figures of closed periods it states
    otherwise than those before it.
    `manifest` is the file's content where the snapshot was looked up in the store, else what the ledger holds of it.
    """

    id: str
    sequence: int
    published_at: datetime
    as_of: str
    content_hash: str
    manifest_sha256: str
    rows: int
    restored: str | None
    restatements: int
    manifest: Mapping[str, Any]
    retired: bool = False
    current: bool = False


def states(folder: Path, manifest_sha256: str, values: Mapping[str, Any]) -> bool:
    """Whether a snapshot's manifest is the recorded one and states these values."""
    try:
        raw = (folder / "manifest.json").read_bytes()
    except OSError:
        return False
    if hashlib.sha256(raw).hexdigest() != manifest_sha256:
        return False
    stated = json.loads(raw)
    return all(stated.get(field) == value for field, value in values.items())


def damage(folder: Path, manifest_sha256: str) -> list[str]:
    """What of a snapshot's files is not as recorded; empty = nothing."""
    try:
        raw = (folder / "manifest.json").read_bytes()
        if hashlib.sha256(raw).hexdigest() != manifest_sha256:
            return ["manifest.json is not the one that the ledger recorded"]
        stated = json.loads(raw)
        expected = {FILE: stated["file_sha256"], "quality.json": stated["quality_sha256"]}
        if "history_sha256" in stated:
            expected[HISTORY_FILE] = stated["history_sha256"]
        return [
            f"{name} is not the one that the manifest recorded"
            for name, sha256 in expected.items()
            if file_sha256(folder / name) != sha256
        ]
    except OSError as error:
        return [f"{Path(error.filename or folder).name} can't be read ({error.strerror})"]


def published_snapshots(ledger: Ledger, current: str | None = None) -> list[Snapshot]:
    """Every snapshot that the ledger holds, oldest first; `current` is the id that CURRENT names."""
    retired = {line.body["id"] for line in ledger.lines("retired")}
    rebuilt = {line.body["id"]: line.body["manifest_sha256"] for line in ledger.lines(RESTORED)}
    snapshots = [snapshot_of(line) for line in ledger.lines() if line.kind in PUBLISHED]
    return [
        replace(
            snapshot,
            manifest_sha256=rebuilt.get(snapshot.id, snapshot.manifest_sha256),
            retired=snapshot.id in retired,
            current=snapshot.id == current,
        )
        for snapshot in snapshots
    ]


def newest_published(home: Path) -> str | None:
    """The id of the newest snapshot that the ledger of a home names; None where there is none or the ledger can't be read."""
    try:
        snapshots = published_snapshots(Ledger.open(home))
    except LedgerError:
        return None
    return snapshots[-1].id if snapshots else None


def snapshot_of(line: Line) -> Snapshot:
    """The snapshot that a ledger line of kind `snapshot` or `rollback` speaks of."""
    body = line.body
    return Snapshot(
        id=body["id"],
        sequence=body["sequence"],
        published_at=line.at,
        as_of=body["as_of"],
        content_hash=line.content_hash,
        manifest_sha256=body["manifest_sha256"],
        rows=body["rows"],
        restored=body["restored"],
        restatements=body.get("history", {}).get("restatements", 0),
        manifest={**body, "published_at": line.at.isoformat().replace("+00:00", "Z"), "tables": {}},
    )


def last_sequence(ledger: Ledger) -> int:
    """The highest sequence number ever given to a snapshot; 0 where there is none."""
    return max((line.body["sequence"] for line in ledger.lines() if line.kind in PUBLISHED), default=0)
