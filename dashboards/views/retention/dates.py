"""The date of a page whose figures are states: `?at=2026-08-31`, the end of a month or the day of the snapshot.

Here: which dates there are, reading one, and the control. Not here: periods (layout.py has their control).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from dashboards import parameters
from dashboards.components import controls
from dashboards.data import metrics
from dashboards.page import Page
from promisekept.presentation import formats, periods
from promisekept.presentation.periods import Period


@dataclass(frozen=True, slots=True)
class StateDate:
    """The date of the states on the page, and the periods that end with it or contain it."""

    day: date
    today: date

    @property
    def month(self) -> Period:
        """The month that ends with it: state metrics stand under it."""
        return periods.containing(self.day, "month")

    @property
    def quarter(self) -> Period:
        """The quarter that holds it: the period of what happened."""
        return periods.containing(self.day, "quarter")

    @property
    def now(self) -> bool:
        """Is it the day of the snapshot, of which it has single rows?"""
        return self.day == self.today


def available_dates(page: Page) -> tuple[date, ...]:
    """The day of the snapshot, and the ends of the months before it that the snapshot has figures for, newest first."""
    ends = {
        min(period.end - timedelta(days=1), page.today)
        for period in metrics.known_periods(page.ref)
        if period.grain == "month" and period.end and period.start and period.start <= page.today
    }
    return tuple(sorted(ends | {page.today}, reverse=True))


def read(page: Page) -> StateDate:
    """The date in the address, if figures stand under it; else the day of the snapshot."""
    given = parameters.one("at", [day.isoformat() for day in available_dates(page)], page.today.isoformat())
    return StateDate(date.fromisoformat(given or ""), page.today)


def control(page: Page, at: StateDate) -> None:
    """The last four dates side by side, all of them behind a button."""
    days = available_dates(page)
    near = sorted(days[:4]) if at.day in days[:4] else [at.day, *sorted(days[:3])]
    titles = {day.isoformat(): formats.day(day) for day in days}
    first, *later = near
    offered = {first.isoformat(): formats.day(first)} | {day.isoformat(): formats.short_day(day) for day in later}
    drops = ("page", "erasures", "record")
    controls.near("at", "Date", offered, titles, chosen=at.day.isoformat(), default=page.today.isoformat(), drops=drops)
