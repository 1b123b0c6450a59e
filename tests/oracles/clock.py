"""A period that can be paused, counted one day at a time.

Here: adding a period to a date, moving a date to an open day, and adding pause days to a period. Not here: which waits the rule
permits, notices, states (deadlines.py).
"""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date, timedelta

from oracles.calendars import SATURDAY, SUNDAY, Calendar

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wait:
    """The controller asked and waits: local dates, and the places of both events in the order of events."""

    kind: str
    asked: date
    answered: date | None
    asked_place: int
    answered_place: int | None

    def covers(self, day: date) -> bool:
        """Whether that day has a moment at which the answer was outstanding."""
        return self.asked <= day and (self.answered is None or day <= self.answered)

    def holds_at(self, place: int) -> bool:
        """Whether the answer was outstanding when the event at that place happened."""
        return self.asked_place < place and (self.answered_place is None or place < self.answered_place)


@dataclass(frozen=True)
class Period:
    """A period as it came out of the walk; `due` is None while the clock stands still."""

    base: date
    due: date | None
    given_back: frozenset[date]
    counted: tuple[Wait, ...]


def add(start: date, n: int, unit: str, calendar: Calendar | None) -> date:
    """The day n units after a date."""
    if unit == "month":
        index = start.year * 12 + start.month - 1 + n
        year, month = divmod(index, 12)
        last = months.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(start.day, last))
    if unit == "day":
        return start + n * DAY
    assert unit == "business_day", unit
    assert calendar is not None
    day = start
    for _ in range(n):
        day = next_working_day(day, calendar)
    return day


def next_working_day(day: date, calendar: Calendar) -> date:
    """The first working day after a day."""
    day += DAY
    while not calendar.is_working_day(day):
        day += DAY
    return day


def roll(day: date, how: str, calendar: Calendar | None) -> date:
    """The day itself or, where the period may not end on it, the next one on which it may."""
    if how == "none":
        return day
    assert calendar is not None
    free = {"weekend_or_holiday": (SATURDAY, SUNDAY), "sunday_or_holiday": (SUNDAY,), "holiday": ()}[how]
    while day.weekday() in free or calendar.is_holiday(day):
        day += DAY
    return day


def walk(
    start: date, n: int, unit: str, waits: tuple[Wait, ...], counting: dict[str, str], how: str, calendar: Calendar | None
) -> Period:
    """Let the days pass from the first question to the last answer and see where the period ends.

    Args:
        start: the day from which the period is counted; it does not count itself.
        n: units of the period, with the extension if that is in force.
        unit: `month`, `day` or `business_day`.
        waits: those that the rule permits.
        counting: per kind, `exclusive` (the day asked counts) or `inclusive` (it does not).
        how: the roll.
        calendar: None where the rule needs none.

    Returns:
        The period with the waits that counted. A wait counts if it was asked while another that counts was outstanding
        or on or before the last day of the period as it stood on that day.
    """
    how = "none" if unit == "business_day" else how
    base = add(start, n, unit, calendar)
    end, floor = base, None
    counted: list[Wait] = []
    given_back: set[date] = set()
    stopped_for: set[date] = set()  # what the present stretch of waiting has given back
    if waits:
        day, last = min(wait.asked for wait in waits), max(wait.answered or wait.asked for wait in waits)
    else:
        day, last = start, start - DAY
    while day <= last:
        standing = any(wait.covers(day) for wait in counted)
        if not standing:
            stopped_for = set()
        still_open = standing or day <= roll(max(end, floor or end), how, calendar)
        counted += [wait for wait in waits if wait.asked == day and still_open]
        answered_ones = [wait for wait in counted if wait.answered is not None and wait.covers(day)]
        off = any(day > wait.asked or counting[wait.kind] == "inclusive" for wait in answered_ones)
        if off and day > start and (unit != "business_day" or calendar.is_working_day(day)):
            end = next_working_day(end, calendar) if unit == "business_day" else end + DAY
            given_back.add(day)
            stopped_for.add(day)
        for wait in answered_ones:
            if wait.answered == day and stopped_for:
                floor = max(floor or day, day + DAY if counting[wait.kind] == "inclusive" else day)
        day += DAY
    stands_still = any(wait.answered is None for wait in counted)
    due = None if stands_still else roll(max(end, floor or end), how, calendar)
    return Period(base, due, frozenset(given_back), tuple(counted))
