"""Our own retention, applied at the end of a run that published.

Here: in which order things fall out, and saying what did. Not here: what falls out (snapshots.py, rejects.py,
landed_rows.py) or what is over (eligibility.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from promisekept.config.durations import read_duration
from promisekept.config.settings import Settings
from promisekept.publishing.publications import Snapshot
from promisekept.publishing.reader import open_snapshot
from promisekept.retention.eligibility import Judged
from promisekept.retention.landed_rows import retire_landed
from promisekept.retention.rejects import clear_refused
from promisekept.retention.snapshots import retire_snapshots
from promisekept.sources.zone.ledger import Ledger


def let_go(settings: Settings, snapshot: Snapshot, now: datetime) -> Iterator[str]:
    """Let go of snapshots, of what refused rows held, and of landed rows that are over. Needs the writer lock.

    After a look back nothing that landed falls out: what was over then may have begun again since.

    Args:
        settings: whose `retention`.
        snapshot: the one just published; it says what is over.
        now: the instant from which ages are counted.

    Yields:
        A sentence on each kind of thing that fell out.
    """
    if snapshots := retire_snapshots(settings.home, settings.retention.snapshots, now):
        yield f"{len(snapshots)} snapshots fell out of retention: {', '.join(snapshots)}"
    ledger = Ledger.open(settings.home)
    if rows := clear_refused(settings, ledger, now):
        yield f"{rows:,} refused rows were cleared after {settings.retention.quarantine}; their reasons stay"
    if not _knows_all(settings, snapshot, now, ledger):
        return
    with open_snapshot(settings.home, snapshot.id) as reader:
        retired = retire_landed(settings, ledger, now, Judged(reader))
    if retired is not None:
        told = ", ".join(f"{number:,} of {log}" for log, number in retired.rows.items())
        since = f"; figures are whole from {retired.kept_from} on" if retired.kept_from else ""
        yield f"landed rows fell out after {settings.retention.landing}: {told}{since}"


def _knows_all(settings: Settings, snapshot: Snapshot, now: datetime, ledger: Ledger) -> bool:
    """Whether a snapshot judged everything that landed and that may be old enough."""
    newest = max((line.seq for line in ledger.lines("batch")), default=0)
    judged = datetime.fromisoformat(snapshot.as_of) >= now - read_duration(settings.retention.landing)
    return judged and int(snapshot.manifest["known_seq"]) >= newest
