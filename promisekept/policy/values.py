"""From the text of a pack's cell to a typed value, or to an error.

Here: dates, numbers, lists, periods, places and zones, one reader each. Not here: files (loading.py) or whether a code
is known (coverage.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from promisekept.config.durations import read_duration

_PLACE = re.compile(r"^(?:[A-Z]{2}(?:-[A-Z0-9]{1,3})?|ZZ-[A-Za-z0-9_.-]+)$")
_COUNTRY = re.compile(r"^[A-Z]{2}$")
_CODE = re.compile(r"^[^\s;,]+$")
_ADDRESS = re.compile(r"@|\+?\d[\d ()/-]{6,}\d")
_YES = {"yes": True, "true": True, "no": False, "false": False}

Value = str | bool | int | float | date | tuple[str, ...] | None


class Unreadable(ValueError):  # noqa: N818 - reads as what happened
    """The text is no value of its type; the message shows what one looks like."""


@dataclass(frozen=True)
class CalendarPeriod:
    """An ISO 8601 period in whole calendar units: months are added first, then days."""

    months: int
    days: int


def read_period(text: str) -> CalendarPeriod:
    """`P6Y`, `P18M`, `P2W`, `P90D` or a combination, as months and days.

    Raises:
        Unreadable: it is none; a part in hours is none either, since records live by whole days.
    """
    unreadable = Unreadable(f"`{text}` is no ISO 8601 period in whole days; write P6Y, P18M or P90D")
    if "T" in text:
        raise unreadable
    try:
        found = read_duration(text)
    except ValueError:
        raise unreadable from None
    return CalendarPeriod(int(12 * found.years + found.months), found.tdelta.days)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"`{text}` is no date; write it as 2026-09-30") from None


def _integer(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise Unreadable(f"`{text}` is no whole number of 0 or more")
    return int(text)


def _number(text: str) -> float:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unreadable(f"`{text}` is no number; write it with a point, such as 0.98") from None
    if not number.is_finite():
        raise Unreadable(f"`{text}` is no finite number")
    return float(number)


def _yes_no(text: str) -> bool:
    if text.lower() not in _YES:
        raise Unreadable(f"`{text}` is neither yes nor no")
    return _YES[text.lower()]


def _list(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(";") if item.strip())


def _place(text: str) -> str:
    if not _PLACE.match(text):
        raise Unreadable(f"`{text}` has not the form of ISO 3166 (IE, GB-ENG, US-CA) or of a place of your own (ZZ-...)")
    return text


def _country(text: str) -> str:
    if not _COUNTRY.match(text):
        raise Unreadable(f"`{text}` has not the form of ISO 3166-1; write two capital letters such as IE")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unreadable(f"`{text}` is no time zone; use a name of the IANA database such as Europe/Dublin") from None
    return text


def _code(text: str) -> str:
    if not _CODE.match(text):
        raise Unreadable(f"`{text}` is no code; leave out spaces, commas and semicolons")
    return text


def _role(text: str) -> str:
    if _ADDRESS.search(text):
        raise Unreadable(f"`{text}` holds an address or a number of a person; write a role or a team such as Privacy Operations")
    return text


def _period_text(text: str) -> str:
    read_period(text)
    return text


READERS: dict[str, Callable[[str], Value]] = {
    "text": str,
    "code": _code,
    "date": _date,
    "integer": _integer,
    "number": _number,
    "yes_no": _yes_no,
    "list": _list,
    "period": _period_text,
    "place": _place,
    "country": _country,
    "zone": _zone,
    "role": _role,
}
