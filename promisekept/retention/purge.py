"""Our own retention, applied at the end of a run that published.

Here: the order of the purges, and a sentence on each. Not here: what each purges (snapshots.py, rejects.py, landed_rows.py) and
which lives have ended (eligibility.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from promisekept.config.durations import read_duration
from promisekept.config.settings import Settings
from promisekept.publishing.publications import Snapshot
from promisekept.publishing.reader import open_snapshot
from promisekept.retention.eligibility import EndedLives
from promisekept.retention.landed_rows import purge_landed_rows
from promisekept.retention.rejects import purge_rejects
from promisekept.retention.snapshots import purge_snapshots
from promisekept.sources.zone.ledger import Ledger


def purge(settings: Settings, snapshot: Snapshot, now: datetime) -> Iterator[str]:
    """Purge snapshots, the values of rejected rows, and landed rows of lives that have ended. Needs the writer lock.

    After a point-in-time rebuild no landed row is purged: a life that had ended then may have begun again since.

    Args:
        settings: whose `retention`.
        snapshot: the one just published; it shows which lives have ended.
        now: the instant from which ages are counted.

    Yields:
        A sentence on each kind of data that was purged.
    """
    if snapshots := purge_snapshots(settings.home, settings.retention.snapshots, now):
        yield f"{len(snapshots)} snapshots were purged by our retention: {', '.join(snapshots)}"
    ledger = Ledger.open(settings.home)
    if rows := purge_rejects(settings, ledger, now):
        yield f"{rows:,} rejected rows were purged after {settings.retention.quarantine}; their reasons stay"
    if not _is_complete(settings, snapshot, now, ledger):
        return
    with open_snapshot(settings.home, snapshot.id) as reader:
        purged = purge_landed_rows(settings, ledger, now, EndedLives(reader))
    if purged is not None:
        counts = ", ".join(f"{number:,} of {log}" for log, number in purged.rows.items())
        since = f"; figures are whole from {purged.kept_from} on" if purged.kept_from else ""
        yield f"landed rows were purged after {settings.retention.landing}: {counts}{since}"


def _is_complete(settings: Settings, snapshot: Snapshot, now: datetime, ledger: Ledger) -> bool:
    """Whether a snapshot covers everything that has landed and may be old enough."""
    newest = max((line.seq for line in ledger.lines("batch")), default=0)
    reaches_cutoff = datetime.fromisoformat(snapshot.as_of) >= now - read_duration(settings.retention.landing)
    return reaches_cutoff and int(snapshot.manifest["known_seq"]) >= newest
