"""The period that a figure is about: `2026-Q3`, `2026-09`, `2026`, `to_date`.

Here: codes, their labels, their bounds, what came before. Not here: which periods a snapshot holds (dashboards/data/metrics.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_CODE = re.compile(r"^(?P<year>[0-9]{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?$")
_ORDINALS = ("first", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class Period:
    """A range of local dates, `end` exclusive; both are None for `to_date`."""

    code: str
    grain: str
    start: date | None
    end: date | None

    @property
    def label(self) -> str:
        """What the control shows: `Sep 2026`, `Q3 2026`, `2026`, `To date`."""
        if self.start is None:
            return "To date"
        return {
            "month": f"{self.start:%b %Y}",
            "quarter": f"Q{(self.start.month + 2) // 3} {self.start.year}",
            "year": f"{self.start.year}",
        }[self.grain]

    @property
    def words(self) -> str:
        """In a sentence: `the third quarter of 2026`."""
        if self.start is None:
            return "all time until the snapshot"
        return {
            "month": f"{self.start:%B %Y}",
            "quarter": f"the {_ORDINALS[(self.start.month - 1) // 3]} quarter of {self.start.year}",
            "year": f"the year {self.start.year}",
        }[self.grain]

    @property
    def noun(self) -> str:
        """`the quarter`, `the month`, `the year`, or `all`."""
        return f"the {self.grain}" if self.start else "all time"

    @property
    def before(self) -> Period | None:
        """The period of the same kind that ended where this one begins."""
        return None if self.start is None else containing(self.start - timedelta(days=1), self.grain)


TO_DATE = Period("to_date", "to_date", None, None)


def parse(code: str | None) -> Period | None:
    """The period of a code, or None where it is no code."""
    if code == TO_DATE.code:
        return TO_DATE
    match = _CODE.match(code or "")
    if match is None or int(match["year"]) < 1:
        return None
    year, month, quarter = int(match["year"]), match["month"], match["quarter"]
    if month:
        return containing(date(year, int(month), 1), "month")
    if quarter:
        return containing(date(year, 3 * int(quarter) - 2, 1), "quarter")
    return containing(date(year, 1, 1), "year")


def containing(day: date, grain: str) -> Period:
    """The month, quarter or year that a day lies in."""
    if grain == "month":
        start, length, code = day.replace(day=1), 1, f"{day:%Y-%m}"
    elif grain == "quarter":
        quarter = (day.month - 1) // 3
        start, length, code = date(day.year, 3 * quarter + 1, 1), 3, f"{day.year:04d}-Q{quarter + 1}"
    else:
        start, length, code = date(day.year, 1, 1), 12, f"{day.year:04d}"
    months = start.year * 12 + start.month - 1 + length
    end = date(months // 12, months % 12 + 1, 1) if months // 12 <= date.max.year else date.max
    return Period(code, grain, start, end)


def around(day: date) -> tuple[Period, ...]:
    """What the control offers first: month, quarter and year of a day, and everything."""
    return (*(containing(day, grain) for grain in ("month", "quarter", "year")), TO_DATE)


def months_until(day: date, how_many: int) -> tuple[date, ...]:
    """The first days of the months that end with the one a day lies in, oldest first."""
    found = [day.replace(day=1)]
    while len(found) < how_many:
        found.insert(0, (found[0] - timedelta(days=1)).replace(day=1))
    return tuple(found)
