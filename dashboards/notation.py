"""How a number, a rate, a date or an age is written on the screen, everywhere the same.

Here: text from values; pure. Not here: what the report writes in the same way (promisekept/numerals.py), words for codes
(words.py) or where the text goes. Null is a dash and its reason is the page's business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dashboards.words import OPERATORS
from promisekept import numerals
from promisekept.numerals import FIXED, MINUS, NULL, SHARES, count
from promisekept.vocabulary import NO_OWNER

__all__ = ["NULL", "SHARES", "count"]  # shared with the report
TO = " – "  # noqa: RUF001 - how the product writes a range
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$<>:&])")


def plain(text: object) -> str:
    """A value as Markdown that shows exactly its characters: no link, no badge, no formula, no tag."""
    flat = " ".join(str(text).split())
    return _MARKDOWN.sub(r"\\\1", flat)


def code(text: object) -> str:
    """A value as inline code; what would end the code is left out."""
    return "`" + " ".join(str(text).replace("`", "").split()) + "`"


def out_of(numerator: float | None, denominator: float | None) -> str:
    """`1,204 of 1,249`, or a dash where there is nothing to count."""
    return f"{count(numerator or 0)} of {count(denominator)}" if denominator is not None else NULL


def rate(value: float | None, target: float | None = None) -> str:
    """`96.4%`: one decimal, more where one would round the value to its target, to 0% or to 100%."""
    if value is None:
        return NULL
    return f"{value * 100:.{numerals.decimals(value, numerals.edges(target), 1)}f}%".replace("-", MINUS)


def share(part: float, whole: float) -> str:
    """`45%` or `0.05%`: a share in a note or at a bar's end."""
    if not whole:
        return NULL
    value = part / whole
    decimals = 0 if value >= 0.1 or value == 0 else 1 if value >= 0.01 else 2
    while decimals < 6 and value and round(value * 100, decimals) == 0:
        decimals += 1
    return f"{value:.{decimals}%}"


def measured(value: float | None, unit: str | None, target: float | None = None) -> str:
    """A metric's value in its unit: a rate as percent, days and hours in words, a count as it is."""
    if value is None:
        return NULL
    if unit in SHARES:
        return rate(value, target)
    if unit in ("days", "hours"):
        return f"{count(value)} {unit if value != 1 else unit[:-1]}"
    return count(value)


def base(row: Mapping[str, Any]) -> str:
    """What a measure is out of: `1,204 of 1,249`, for a count `of 812 acts at risk`; empty where nothing was measured."""
    if row["value"] is None:
        return ""
    if row["denominator"] is None or row["numerator"] is None:
        return numerals.at_risk(row["units"], row["unit"], row["operator"])
    return out_of(row["numerator"], row["denominator"])


def target(operator: str | None, value: float | None, unit: str | None) -> str:
    """`≥ 98%`, in one piece."""
    if value is None or operator is None:
        return NULL
    return f"{OPERATORS.get(operator, operator)}{FIXED}{numerals.target_number(value, unit)}"


def days(value: int, *, of: str = "day") -> str:
    """`1 day`, `23 days`."""
    return f"{count(value)}{FIXED}{of}{'' if value == 1 else 's'}"


def day(value: date | None) -> str:
    """`22 Sep 2026`."""
    return f"{value.day} {value:%b %Y}" if value else NULL


def answering(owner: str | None, due: date | None) -> str:
    """Who answers for a promise, and by when what is missed is to be put right, both in the pack's words."""
    return (plain(owner) if owner else NO_OWNER) + (f", to be put right by {day(due)}" if due else "")


def exception(row: Mapping[str, Any]) -> str:
    """An exception that the organisation granted itself, and that it changes no verdict."""
    scope = plain(row["scope"]) if row["scope"] else "the whole control"
    return (
        f"Exception {plain(row['exception_id'])} ({scope}): {plain(row['reason'])}. Approved by: {plain(row['approved_by'])}, "
        f"until {day(row['last_day'])}. The verdict is what it would be without it."
    )


def short_day(value: date | None) -> str:
    """`22 Sep`."""
    return f"{value.day} {value:%b}" if value else NULL


def local(value: datetime, zone: str) -> datetime:
    """An instant on the wall clock of a zone."""
    return value.astimezone(ZoneInfo(zone))


def instant(value: datetime, zone: str, *, year: bool = True) -> str:
    """`30 Sep 2026, 23:59 EDT`."""
    here = local(value, zone)
    return f"{day(here) if year else short_day(here)}, {here:%H:%M} {here.tzname()}"


def age(span: timedelta) -> str:
    """`2 h`, `4 days`; under an hour in minutes; never negative."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes}{FIXED}min"
    if minutes < 26 * 60:
        return f"{minutes // 60}{FIXED}h"
    return days(max(1, round(minutes / 1440)))
