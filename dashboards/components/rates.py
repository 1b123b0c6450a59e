"""A rate drawn by month or ranked by the values of a dimension, with its numbers behind it.

Here: the two sections that every page with a rate has. Not here: the drawing (charts/rates.py), which rate it is (the pages).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboards.charts import rates, theme
from dashboards.data.metrics import Figure
from dashboards.page import Page
from promisekept.presentation import formats
from promisekept.presentation.periods import months_until

Target = tuple[str, float] | None
Titles = tuple[str, str]
"""What the numerator and the denominator count."""

MOST = 12
"""Rows that a chart of the greatest height holds."""


def months(page: Page) -> tuple[date, ...]:
    """The first days of the eighteen months that a rate is drawn for; the last of them has not ended."""
    return months_until(page.today, 18)


def by_month(
    page: Page, points: Sequence[tuple[date, Figure]], target: Target, titles: Titles, *, height: int = theme.MIDDLE
) -> None:
    """A rate month by month against its target; the running month is marked."""
    numbers = _numbers("Month", [(f"{month:%b %Y}", figure) for month, figure in points], target, titles)
    theme.show(rates.over_months(points, target, months(page)[-1]), numbers, "by month", height=height)


def ranked(noun: str, points: Sequence[tuple[str, Figure]], target: Target, titles: Titles) -> None:
    """A rate by value of a dimension, lowest first; the data table has all values."""
    drawn = points[:MOST]
    theme.show(
        rates.ranked(drawn, target, noun),
        _numbers(noun, points, target, titles),
        f"by {noun.lower()}",
        height=theme.height(len(drawn), 4, 7),
    )


def _numbers(noun: str, named: Sequence[tuple[str, Figure]], target: Target, titles: Titles) -> list[dict[str, object]]:
    goal = target[1] if target else None
    return [
        {noun: name, titles[0]: one.numerator, titles[1]: one.denominator, "Share": formats.rate(one.value, goal)}
        for name, one in named
    ]
