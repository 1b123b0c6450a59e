"""Which days are holidays where: calendars.csv, read day by day.

Here: the grammar of `extra_days` and `removed_days`, one year at a time, and whether a day is a working day. Not here:
counting (deadlines.py). The years are built when somebody asks for them, so there is no last one.
"""

from __future__ import annotations

import calendar
import csv
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import holidays
from dateutil.easter import easter

SATURDAY, SUNDAY = 5, 6
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Calendar:
    """The holidays of one row of calendars.csv."""

    def __init__(self, row: dict[str, str]) -> None:
        self.code = row["calendar"]
        self._row = row
        self._years: dict[int, set[date]] = {}

    def is_holiday(self, day: date) -> bool:
        """Whether the row makes that day a holiday; a weekend is none by itself."""
        if day.year not in self._years:
            self._years[day.year] = self._build(day.year)
        return day in self._years[day.year]

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday and no holiday."""
        return day.weekday() < SATURDAY and not self.is_holiday(day)

    def _build(self, year: int) -> set[date]:
        if self.code == "NONE":
            return set()
        named = holidays.country_holidays(
            self._row["country"],
            subdiv=self._row["subdiv"] or None,
            years=[year],
            observed=self._row["observed"] == "yes",
            categories=tuple(self._row["categories"].split(";")),
            language="en_US",
        )
        days = {day: name for day, name in named.items() if day.year == year}
        for item in _items(self._row["removed_days"]):
            days = {day: name for day, name in days.items() if not _removes(item, day, name)}
        extra = {day for item in _items(self._row["extra_days"]) for day in _days_of(item, year)}
        return set(days) | extra


def _items(cell: str) -> list[str]:
    return [item.strip() for item in cell.split(";") if item.strip()]


def _removes(item: str, day: date, name: str) -> bool:
    if item.startswith("name:"):
        return item.removeprefix("name:") in name
    return day in set(_days_of(item, day.year))


def _days_of(item: str, year: int) -> Iterator[date]:
    """The days of that year that one item of the grammar names."""
    what, _, since = item.partition("@")
    for made_for in (year - 1, year, year + 1):
        if since and made_for < int(since):
            continue
        day = _day_in(what, made_for)
        if day is not None and day.year == year:
            yield day


def _day_in(what: str, year: int) -> date | None:
    if what.startswith("nth:"):
        _, month, weekday, n = what.split(":")
        return _nth(year, int(month), _WEEKDAYS.index(weekday), int(n))
    if what.startswith("easter"):
        return easter(year) + timedelta(days=int(what.removeprefix("easter")))
    if what.startswith("thanksgiving"):
        return _nth(year, 11, 3, 4) + timedelta(days=int(what.removeprefix("thanksgiving")))
    text, _, moved = what.partition("~")
    if len(text) == len("2026-01-01"):
        return date.fromisoformat(text)
    day = date(year, int(text[:2]), int(text[3:]))
    if moved == "us" and day.weekday() == SATURDAY:
        return day - timedelta(days=1)
    if moved == "us" and day.weekday() == SUNDAY:
        return day + timedelta(days=1)
    if moved == "sun" and (day - timedelta(days=1)).weekday() != SUNDAY:
        return None
    return day


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    days = [day for day in calendar.Calendar().itermonthdates(year, month) if day.month == month]
    return [day for day in days if day.weekday() == weekday][n - 1]


@cache
def read_calendars(file: Path) -> dict[str, Calendar]:
    """Every calendar of a calendars.csv, by code."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["calendar"]: Calendar(row) for row in csv.DictReader(lines)}
