"""How a number, a rate, a date or an age is written, everywhere the same.

Here: text from values; pure. Not here: words for codes (words.py) or where the text goes. Null is a dash and its reason
is the page's business. No rate is rounded across its target, to 0% or to 100%.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dashboards.words import OPERATORS

NULL = "–"  # noqa: RUF001 - an en dash is how the product writes "no value"
TO = " – "  # noqa: RUF001 - and how it writes a range
SHARES = ("share", "rate")
"""Units of a metric whose value is written as percent."""

_MINUS = "−"  # noqa: RUF001
_FIXED = "\u00a0"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$<>:&])")


def plain(text: object) -> str:
    """A value as Markdown that shows exactly its characters: no link, no badge, no formula, no tag."""
    flat = " ".join(str(text).split())
    return _MARKDOWN.sub(r"\\\1", flat)


def code(text: object) -> str:
    """A value as inline code; what would end the code is left out."""
    return "`" + " ".join(str(text).replace("`", "").split()) + "`"


def count(value: float | None) -> str:
    """`1,204`; decimals only where the value has them."""
    if value is None:
        return NULL
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return text.replace("-", _MINUS)


def out_of(numerator: float | None, denominator: float | None) -> str:
    """`1,204 of 1,249`, or a dash where there is nothing to count."""
    return f"{count(numerator or 0)} of {count(denominator)}" if denominator is not None else NULL


def rate(value: float | None, target: float | None = None) -> str:
    """`96.4%`: one decimal, more where one would round the value to its target, to 0% or to 100%."""
    if value is None:
        return NULL
    edges = [edge for edge in (0.0, 1.0, target) if edge is not None]
    for decimals in range(1, 7):
        shown = round(value * 100, decimals)
        if all(_side(shown, edge * 100) == _side(value, edge) for edge in edges):
            break
    return f"{shown:.{decimals}f}%".replace("-", _MINUS)


def _side(value: float, edge: float) -> int:
    gap = value - edge
    return 0 if abs(gap) < 1e-9 else (1 if gap > 0 else -1)


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
    """What a measure of a promise is out of: `1,204 of 1,249`, for a count `of 812`; empty where nothing was measured."""
    if row["value"] is None:
        return ""
    if row["denominator"] is None or row["numerator"] is None:
        return f"of {count(row['units'])}"
    return out_of(row["numerator"], row["denominator"])


def target(operator: str | None, value: float | None, unit: str | None) -> str:
    """`≥ 98%`, in one piece."""
    if value is None or operator is None:
        return NULL
    number = f"{value * 100:.6f}".rstrip("0").rstrip(".") + "%" if unit in SHARES else count(value)
    return f"{OPERATORS.get(operator, operator)}{_FIXED}{number}"


def days(value: int, *, of: str = "day") -> str:
    """`1 day`, `23 days`."""
    return f"{count(value)}{_FIXED}{of}{'' if value == 1 else 's'}"


def day(value: date | None) -> str:
    """`22 Sep 2026`."""
    return f"{value.day} {value:%b %Y}" if value else NULL


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
        return f"{minutes}{_FIXED}min"
    if minutes < 26 * 60:
        return f"{minutes // 60}{_FIXED}h"
    return days(max(1, round(minutes / 1440)))
