"""How a number, a rate, a date or an age is written, whatever the machine's locale.

Here: text from values; pure. No rate is rounded across its target, to 0% or to 100%; null is a dash. Not here: the longer
forms of the report (paper.py), labels of codes (labels.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

NULL = "–"  # noqa: RUF001 - an en dash is how the product writes "no value"
MINUS = "−"  # noqa: RUF001
FIXED = "\u00a0"
TO = " – "  # noqa: RUF001 - how the product writes a range
OPERATORS = {">=": "≥", "<=": "≤", "=": "="}
SHARES = ("share", "rate")
"""Units of a metric whose value is written as percent."""

_MOST = 9


def count(value: float | None) -> str:
    """`1,204`; one decimal where the value has any."""
    if value is None:
        return NULL
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return text.replace("-", MINUS)


def plural(number: float | None, one: str, many: str | None = None, *, space: str = " ") -> str:
    """`1 finding`, `1,204 findings`."""
    return f"{count(number)}{space}{one if number == 1 else many or one + 's'}"


def compact(value: int) -> str:
    """`842`, `1.2k`, `18k`, `2.1M`: at most four characters, for the cell of a drawing."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= size * 0.9995:
            return f"{value / size:.{1 if value < size * 9.95 else 0}f}{letter}"
    return str(value)


def at_risk(units: int, unit: str, operator: str | None) -> str:
    """`of 84 acts at risk`: what a count that must not rise could have been; `of 84` where nothing is forbidden."""
    return f"of {count(units)} {unit} at risk" if operator == "=" else f"of {count(units)}"


def target_number(value: float, unit: str | None) -> str:
    """`98%`: a target without its operator, with as many decimals as it has."""
    return f"{value * 100:.6f}".rstrip("0").rstrip(".") + "%" if unit in SHARES else count(value)


def decimals(value: float, edges: Iterable[float], least: int) -> int:
    """The fewest decimals, `least` or more, with which a share in percent stays on its side of every edge."""
    beside = tuple(edges)
    for number in range(least, _MOST):
        shown = round(value * 100, number)
        if all(_side(shown, edge * 100) == _side(value, edge) for edge in beside):
            return number
    return _MOST


def edges(target: float | None) -> tuple[float, ...]:
    """What no rate may be rounded across: nothing, everything, and its target."""
    return (0.0, 1.0) if target is None else (0.0, 1.0, target)


def _side(value: float, edge: float) -> int:
    gap = value - edge
    return 0 if abs(gap) < 1e-12 else (1 if gap > 0 else -1)


def out_of(numerator: float | None, denominator: float | None) -> str:
    """`1,204 of 1,249`, or a dash where there is nothing to count."""
    return f"{count(numerator or 0)} of {count(denominator)}" if denominator is not None else NULL


def fraction(numerator: float | None, denominator: float | None, unit: str | None) -> str:
    """A value's denominator; a sum of days or hours is written as one: `14,725 days, 692 cases`."""
    if unit not in ("days", "hours"):
        return out_of(numerator, denominator)
    return NULL if denominator is None else f"{count(numerator or 0)} {unit}, {plural(denominator, 'case')}"


def rate(value: float | None, target: float | None = None) -> str:
    """`96.4%`: one decimal, more where one would round the value to its target, to 0% or to 100%."""
    if value is None:
        return NULL
    return f"{value * 100:.{decimals(value, edges(target), 1)}f}%".replace("-", MINUS)


def share(part: float, whole: float) -> str:
    """`45%` or `0.05%`: a share in a note or at a bar's end."""
    if not whole:
        return NULL
    value = part / whole
    places = 0 if value >= 0.1 or value == 0 else 1 if value >= 0.01 else 2
    while places < 6 and value and round(value * 100, places) == 0:
        places += 1
    return f"{value:.{places}%}"


def measured(value: float | None, unit: str | None, target: float | None = None) -> str:
    """A metric's value in its unit: a rate as percent, days and hours in words, a count as it is."""
    if value is None:
        return NULL
    if unit in SHARES:
        return rate(value, target)
    if unit in ("days", "hours"):
        return f"{count(value)} {unit if value != 1 else unit[:-1]}"
    return count(value)


def apart(before: float | None, now: float | None, unit: str | None) -> tuple[str, str]:
    """Two values of one metric, with more decimals where the usual ones would write them alike."""
    shown = measured(before, unit), measured(now, unit)
    if before is None or now is None or before == now or shown[0] != shown[1]:
        return shown
    size, word = (100, "%") if unit in SHARES else (1, f" {unit}" if unit in ("days", "hours") else "")
    texts = shown
    for places in range(2, _MOST + 1):
        texts = (f"{before * size:,.{places}f}{word}", f"{now * size:,.{places}f}{word}")
        if texts[0] != texts[1]:
            break
    return texts[0].replace("-", MINUS), texts[1].replace("-", MINUS)


def base(row: Mapping[str, Any]) -> str:
    """A measure's denominator: `1,204 of 1,249`, for a count `of 812 acts at risk`; empty where nothing was measured."""
    if row["value"] is None:
        return ""
    if row["denominator"] is None or row["numerator"] is None:
        return at_risk(row["units"], row["unit"], row["operator"])
    return out_of(row["numerator"], row["denominator"])


def points(distance: float | None) -> str:
    """`23.3 points`: a distance between shares in percentage points; two decimals below one, more where it would read 0."""
    if distance is None:
        return NULL
    size = abs(distance)
    places = decimals(size, (0.0,), 1 if size >= 0.00995 else 2)
    text = f"{distance * 100:.{places}f} points"
    return text.replace("-", MINUS)


def target(operator: str | None, value: float | None, unit: str | None) -> str:
    """`≥ 98%`, in one piece."""
    if value is None or operator is None:
        return NULL
    return f"{OPERATORS.get(operator, operator)}{FIXED}{target_number(value, unit)}"


def days(value: int, *, of: str = "day") -> str:
    """`1 day`, `23 days`."""
    return plural(value, of, space=FIXED)


def day(value: date | None) -> str:
    """`22 Sep 2026`."""
    return f"{value.day} {value:%b %Y}" if value else NULL


def short_day(value: date | None) -> str:
    """`22 Sep`."""
    return f"{value.day} {value:%b}" if value else NULL


def local(value: datetime, zone: str) -> datetime:
    """An instant on the wall clock of a zone."""
    return value.astimezone(ZoneInfo(zone))


def local_day(value: datetime | None, zone: str) -> str:
    """`22 Sep 2026`: the day of an instant in a zone."""
    return day(local(value, zone).date() if value else None)


def instant(value: datetime, zone: str, *, year: bool = True) -> str:
    """`30 Sep 2026, 23:59 EDT`."""
    here = local(value, zone)
    return f"{day(here) if year else short_day(here)}, {here:%H:%M} {here.tzname()}"


def instants(manifest: Mapping[str, Any], zone: str) -> str:
    """`as of 22 Sep 2026 with what had landed by 30 Sep 2026, 23:59 EDT`: what a snapshot is computed for, by its manifest."""
    as_of, known_at = (datetime.fromisoformat(manifest[one]) for one in ("as_of", "known_at"))
    return f"as of {local_day(as_of, zone)} with what had landed by {instant(known_at, zone)}"


def age(duration: timedelta) -> str:
    """`2 h`, `4 days`; under an hour in minutes; never negative."""
    minutes = max(0, int(duration.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes}{FIXED}min"
    if minutes < 26 * 60:
        return f"{minutes // 60}{FIXED}h"
    return days(max(1, round(minutes / 1440)))
