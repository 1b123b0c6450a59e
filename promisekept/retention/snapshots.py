"""Purging published snapshots at the end of `retention.snapshots`.

Here: which snapshots are outdated, and removing their files after the ledger line that records it. Not here: the retention of the
organisation's own records (the models), or of landed rows (landed_rows.py).

The newest `daily` snapshots are kept, and for `period_close` the one of each local month with the earliest `as_of` (the close of
the month before; of several with the same, the last). The current snapshot always stays. A purged snapshot keeps its ledger line.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from promisekept.config.durations import read_duration
from promisekept.config.settings import SnapshotRetention
from promisekept.publishing.publications import Snapshot
from promisekept.publishing.store import SnapshotStore
from promisekept.sources.zone.ledger import Ledger


def purge_snapshots(home: Path, retention: SnapshotRetention, at: datetime) -> tuple[str, ...]:
    """Remove the files of snapshots that are older than their retention period. Needs the writer lock.

    Args:
        home: the folder of the pipeline.
        retention: how many daily snapshots, and how long those of a period's close.
        at: the instant from which ages are counted.

    Returns:
        The ids of the purged snapshots, oldest first.
    """
    store = SnapshotStore(home)
    available = [snapshot for snapshot in reversed(store.list()) if not snapshot.retired]
    outdated = [snapshot for snapshot in _outdated(available, retention, at) if not snapshot.current]
    ledger = Ledger.open(home)
    for snapshot in outdated:
        ledger.append("retired", {"id": snapshot.id, "as_of": snapshot.as_of}, at, snapshot.content_hash)
        shutil.rmtree(store.folder / snapshot.id, ignore_errors=True)
    return tuple(snapshot.id for snapshot in outdated)


def _outdated(snapshots: list[Snapshot], retention: SnapshotRetention, at: datetime) -> list[Snapshot]:
    closes: dict[tuple[int, int], Snapshot] = {}
    for snapshot in sorted(snapshots, key=lambda one: (datetime.fromisoformat(one.as_of), -one.sequence)):
        zone = ZoneInfo(snapshot.manifest.get("time_zone", "UTC"))
        local = datetime.fromisoformat(snapshot.as_of).astimezone(zone)
        closes.setdefault((local.year, local.month), snapshot)
    of_a_close = {snapshot.id for snapshot in closes.values()}
    newest = {snapshot.id for snapshot in snapshots[-retention.daily :]}
    earliest = at - read_duration(retention.period_close)
    return [
        snapshot
        for snapshot in snapshots
        if snapshot.id not in newest and not (snapshot.id in of_a_close and snapshot.published_at >= earliest)
    ]
