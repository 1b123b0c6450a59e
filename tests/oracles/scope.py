"""Why a source or a system is in the scope of a period, or out of it.

Here: the reason for one subject and one period, from its events and its deliveries, in the words of the report. Not here:
whether an absence of events is evidenced (deliveries.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

Period = tuple[date | None, date | None]


def reason(
    days: Sequence[date], period: Period, *, system: str | None, landed: Sequence[date], stale: bool, evidenced: bool, today: date
) -> str:
    """The first reason that fits.

    Args:
        days: of every event of the subject, in whatever period.
        period: first day and first day after it; none, none for everything to date.
        system: that the subject is, or none for a source as a whole.
        landed: the days on which its source delivered.
        stale: the source is overdue.
        evidenced: every expected delivery of the log came in the period.
        today: when one looks.
    """
    start, end = period
    if any((start is None or day >= start) and (end is None or day < end) for day in days):
        return "events"
    if not landed:
        return "never_delivered"
    if system is None and evidenced:
        return "evidenced_silence"
    if stale and max(landed) < (end or today):
        return "stale"
    if days and start is not None and end is not None:
        # By whole months, as the periods are.
        if end <= min(days).replace(day=1):
            return "before_first_event"
        if start > max(days).replace(day=1):
            return "after_last_event"
    return "no_event"
