"""Independent engine for the deliveries of one source: those that came on each day, and those that fell due and were missing.

Here: days and counts of one source, stepping from due instant to due instant. Not here: the content of a delivery, or whether an
absence of events is evidenced; nothing is shared with the SQL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def missed(landed: Sequence[datetime], every: timedelta, grace: timedelta, as_of: datetime, zone: str) -> dict[date, int]:
    """Expected deliveries that had not come, by the local day on which each fell due.

    Args:
        landed: when deliveries came, in any order; after `as_of` none counts.
        every: how often one is expected.
        grace: how much later than that it may come.
        as_of: when one looks; what falls due at that very instant is not late yet.
        zone: of the calendar.
    """
    came = sorted({moment for moment in landed if moment <= as_of})
    noted: Counter[date] = Counter()
    for moment, following in zip(came, [*came[1:], as_of], strict=True):
        due = moment + every + grace
        while due < following:
            noted[due.astimezone(ZoneInfo(zone)).date()] += 1
            due += every
    return dict(noted)


def on_days(moments: Sequence[datetime], zone: str) -> dict[date, int]:
    """How many of the moments lie on each local day."""
    return dict(Counter(moment.astimezone(ZoneInfo(zone)).date() for moment in moments))
