"""How the report writes a rate, a day or an instant: longer than a page does, and in one piece where a line may break.

Here: text from values; pure. No rate is rounded across its target, to 0% or to 100%; null is a dash. Not here: what the report
writes as the pages do (formats.py), labels of codes (labels.py).
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from promisekept.presentation import formats, labels
from promisekept.presentation.formats import FIXED, MINUS, NULL, SHARES, count

__all__ = ["NULL", "SHARES", "count"]  # written as on the pages
_OPERATORS = {">=": "≥", "<=": "≤", "=": ""}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def rate(value: float | None, target: float | None = None) -> str:
    """`97.97%`: two decimals, more where fewer would show it as its target, as 0% or as 100%; none where it is whole."""
    return NULL if value is None else percent(value, target) + "%"


def percent(value: float | None, target: float | None = None) -> str:
    """The same without its sign, for a column that carries it in its head."""
    if value is None:
        return NULL
    whole = round(value * 100)
    places = 0 if abs(value * 100 - whole) < 1e-9 else formats.decimals(value, formats.edges(target), 2)
    return f"{value * 100:.{places}f}".replace("-", MINUS)


def measured(value: float | None, unit: str | None, target: float | None = None) -> str:
    """A metric's value in its unit: a share as percent, days and hours with their word, a count as it is."""
    if value is None:
        return NULL
    if unit in SHARES:
        return rate(value, target)
    if unit in ("days", "hours"):
        return f"{count(value)}{FIXED}{unit if value != 1 else unit[:-1]}"
    return count(value)


def target(operator: str | None, value: float | None, unit: str | None) -> str:
    """`≥ 98%`; a target that is to be hit exactly is the bare number."""
    if value is None or operator is None:
        return NULL
    number = formats.target_number(value, unit)
    sign = _OPERATORS.get(operator, operator)
    return f"{sign}{FIXED}{number}" if sign else number


def plural(number: float, one: str, many: str | None = None) -> str:
    """`1 promise`, `4 promises`, in one piece."""
    return formats.plural(number, one, many, space=FIXED)


def day(value: date | None) -> str:
    """`30 September 2026`, in one piece up to the year."""
    return f"{value.day}{FIXED}{_MONTHS[value.month - 1]} {value.year}" if value else NULL


def short_day(value: date | None) -> str:
    """`30 Sep 2026`, for a table."""
    return f"{value.day}{FIXED}{_MONTHS[value.month - 1][:3]}{FIXED}{value.year}" if value else NULL


def month(value: date) -> str:
    """`Sep`, with the year in January: `Jan 26`."""
    name = _MONTHS[value.month - 1][:3]
    return f"{name} {value.year % 100:02d}" if value.month == 1 else name


def full_month(value: date) -> str:
    """`September`."""
    return _MONTHS[value.month - 1]


def date_range(start: date, last: date) -> str:
    """`1 July to 30 September 2026`."""
    first = f"{start.day}{FIXED}{_MONTHS[start.month - 1]}" + ("" if start.year == last.year else f" {start.year}")
    return f"{first} to {day(last)}"


def instant(value: datetime, zone: str) -> str:
    """`30 September 2026, 23:59 New York (2026-10-01T03:59:00Z)`."""
    here = value.astimezone(ZoneInfo(zone))
    return f"{day(here.date())}, {here:%H:%M} {zone.rsplit('/', 1)[-1].replace('_', ' ')} ({utc(value)})"


def utc(value: datetime | None) -> str:
    """`2026-10-01T03:59:00Z`."""
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if value else NULL


def moment(value: datetime | None) -> str:
    """`1 Oct 2026, 03:59 UTC`, for a table."""
    here = value.astimezone(UTC) if value else None
    return f"{short_day(here.date())}, {here:%H:%M}{FIXED}UTC" if here else NULL


def blocks(digest: str, *, width: int = 8) -> str:
    """A fingerprint in groups of eight characters."""
    return " ".join(digest[at : at + width] for at in range(0, len(digest), width))


def brief(name: str) -> str:
    """The name of a case: the first digits of one that is longer than a column."""
    return name if len(name) <= 16 else f"{name[:12]}…"


def detail(text: str | None) -> str:
    """A finding's JSON of codes and numbers as `due date 2026-09-09, days overdue 21`; empty values are left out."""
    if not text:
        return ""
    try:
        details = json.loads(text)
    except ValueError:
        return text
    if not isinstance(details, dict):
        return text
    filled = {key: value for key, value in details.items() if value not in (None, "", [])}
    return ", ".join(f"{labels.detail_name(key)} {_flat(key, value)}" for key, value in filled.items())


def _flat(name: str, value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else labels.detail_text(name, str(value))
