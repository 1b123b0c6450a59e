"""Which control totals and sequences distinguish two publications: by them events are missing that never landed.

Here: what differs between two states of the landing zone. Not here: what that means for a figure (causes.py), or which events
are missing (int_metrics__missing_events).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from promisekept.restatement.landed_rows import State
from promisekept.sources.landing.sequences import gaps
from promisekept.sources.zone.batches import Batch, Zone
from promisekept.sources.zone.ledger import Ledger


@dataclass(frozen=True, slots=True)
class OtherCount:
    """A control total of a day, or the gaps of a sequence, that two publications do not share.

    Attributes:
        source: which source.
        log: that it feeds; None where nothing of it has landed.
        day: of the control total; None for a sequence, whose missing numbers may be of any.
    """

    source: str
    log: str | None
    day: date | None

    @property
    def in_words(self) -> str:
        """As a restatement names it."""
        return f"{'sequence' if self.day is None else 'control total'} of {self.source}"


def other_counts(home: Path, ledger: Ledger, one: State, other: State, time_zone: str) -> list[OtherCount]:
    """What two states of the landing zone count otherwise; `time_zone` is that of the days."""
    zones = [Zone(home, ledger, state.known_seq) for state in (one, other)]
    logs = {batch.source: batch.log for zone in zones for batch in zone.batches}
    days, numbers = [], []
    for zone, state in zip(zones, (one, other), strict=True):
        today = state.as_of.astimezone(ZoneInfo(time_zone)).date()
        days.append(
            {
                (source, day, total.count)
                for source, totals in zone.totals.items()
                for day, total in totals.items()
                if total.count is not None and day < today
            }
        )
        by_column: dict[tuple[str, str], list[Batch]] = {}
        for batch in zone.active():
            if batch.body.get("sequence") is not None:
                by_column.setdefault((batch.source, batch.body["sequence"]["column"]), []).append(batch)
        numbers.append({(key[0], key[1], gap.first, gap.last) for key, batches in by_column.items() for gap in gaps(batches)})
    return [
        *(OtherCount(source, logs.get(source), day) for source, day, _ in sorted(days[0] ^ days[1])),
        *(OtherCount(source, logs.get(source), None) for source in sorted({one[0] for one in numbers[0] ^ numbers[1]})),
    ]
