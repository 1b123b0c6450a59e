"""The holidays of each calendar of a pack, built by the library `holidays` as the calendar's row declares.

Here: the arguments of the library, the grammar of added and removed days, the years that are built. Not here: counting
with them, which is the deadline engine's. Holidays are evidence: the library is pinned, its version is part of a
pack's hash, and a date outside the built years is a finding there, never a guess.
"""

from __future__ import annotations

import calendar as month_names
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache

import holidays

from promisekept.errors import PackError
from promisekept.policy.loading import RegisterRow

FIRST_YEAR = 2005
LAST_YEAR = 2040
YEARS_AHEAD = 2
"""For how many years after an instant holidays must be known."""
# Moon-based feasts beyond these years are not in the library, whatever range it claims.
_KNOWN_YEARS = {"SG": (2001, 2035), "IN": (2001, 2035)}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_REMOVAL_BY_NAME = "name:"


@dataclass(frozen=True)
class Calendar:
    """One calendar with the days on which nobody works there, weekends apart.

    Attributes:
        code: as in calendars.csv.
        first_day: of the years that were built.
        last_day: of the years that were built.
        days: each holiday with its name, in order.
    """

    code: str
    first_day: date
    last_day: date
    days: tuple[tuple[date, str], ...]


def build_calendar(row: RegisterRow, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> Calendar:
    """Build one calendar.

    Args:
        row: of the register `calendars`.
        first_year: to begin with; later where the library has less.
        last_year: to end with; earlier where the library has less.

    Returns:
        Every holiday of those years; none for a calendar without a country.

    Raises:
        PackError: the library has no such country, part or category, or an added or removed day is not in the
            grammar.
    """
    first_year, last_year = _years(row, first_year, last_year)
    source = _Source(
        row["country"],
        row["subdiv"],
        tuple(row["categories"] or ("public",)),
        row["observed"] is not False,
        first_year,
        last_year,
    )
    days = _holidays(source, tuple(row["removed_days"]), tuple(row["extra_days"]))
    return Calendar(row["calendar"], date(first_year, 1, 1), date(last_year, 12, 31), days)


def calendar_problem(row: RegisterRow) -> str | None:
    """What is wrong with a calendar's row, or None: the same messages as `build_calendar`, on one year."""
    try:
        year = max(FIRST_YEAR, min(2026, LAST_YEAR))
        build_calendar(row, year, year)
    except PackError as error:
        return str(error)
    return None


def ending_soon(rows: Iterable[RegisterRow], now: datetime) -> list[tuple[str, date]]:
    """The calendars whose holidays are not known for all of the two years after the instant's, with their last day.

    A request of that instant may fall due in the next year, and somebody has to notice a year before that.

    Args:
        rows: of the pack's calendars.
        now: the instant in question, such as that of the newest snapshot.
    """
    wanted = now.year + YEARS_AHEAD
    last_years = {str(row["calendar"]): _years(row, FIRST_YEAR, LAST_YEAR)[1] for row in rows}
    return [(code, date(year, 12, 31)) for code, year in sorted(last_years.items()) if year < wanted]


@cache
def _known_years(country: str) -> tuple[int, int]:
    if country in _KNOWN_YEARS:
        return _KNOWN_YEARS[country]
    kind = getattr(holidays, country)
    return int(kind.start_year), int(kind.end_year)


def _years(row: RegisterRow, first_year: int, last_year: int) -> tuple[int, int]:
    country = row["country"]
    if country is None:
        return first_year, last_year
    if country not in holidays.list_supported_countries():
        raise PackError(f"country: `{country}` is not known to the library of holidays")
    start, end = _known_years(country)
    return max(first_year, start), min(last_year, end)


@dataclass(frozen=True)
class _Source:
    """What the library is asked for."""

    country: str | None
    subdiv: str | None
    categories: tuple[str, ...]
    observed: bool
    first_year: int
    last_year: int


# All calendars that are shipped take half a second, and a process that publishes day by day or closes a period asks each time.
@lru_cache(maxsize=1024)
def _holidays(source: _Source, removed: tuple[str, ...], extra: tuple[str, ...]) -> tuple[tuple[date, str], ...]:
    names = _library(source)
    for item in removed:
        _remove(names, item, source)
    for item in extra:
        for day, name in _days(item, source):
            if name not in names.setdefault(day, []):
                names[day].append(name)
    first_day, last_day = date(source.first_year, 1, 1), date(source.last_year, 12, 31)
    return tuple(sorted((day, "; ".join(found)) for day, found in names.items() if found and first_day <= day <= last_day))


def _library(source: _Source) -> dict[date, list[str]]:
    if source.country is None:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            found = holidays.country_holidays(
                source.country,
                subdiv=source.subdiv,
                years=range(source.first_year, source.last_year + 1),
                categories=source.categories,
                observed=source.observed,
                language="en_US",
            )
        except (NotImplementedError, ValueError) as error:  # the library's errors for a part and a category that it lacks
            raise PackError(f"the library of holidays refuses this row: {error}") from None
        return {day: found.get_list(day) for day in found}


def _remove(names: dict[date, list[str]], item: str, source: _Source) -> None:
    pattern, since = _since(item, source.first_year)
    if pattern.startswith(_REMOVAL_BY_NAME):
        text = pattern.removeprefix(_REMOVAL_BY_NAME)
        for day, found in names.items():
            if day.year >= since:
                found[:] = [name for name in found if text not in name]
        return
    for day, _ in _days(item, source):
        names.pop(day, None)


def _since(item: str, first_year: int) -> tuple[str, int]:
    match = re.fullmatch(r"(.+)@(\d{4})", item)
    return (match[1], int(match[2])) if match else (item, first_year)


def _days(item: str, source: _Source) -> Iterator[tuple[date, str]]:
    """The days that one item of the grammar means, with a name for each."""
    first_year, last_year = source.first_year, source.last_year
    pattern, since = _since(item, first_year)
    for form, read in _FORMS:
        match = form.fullmatch(pattern)
        if match:
            try:
                found = [read(year, match.groups()) for year in range(max(since, first_year) - 1, last_year + 2)]
            except ValueError:
                break
            yield from (entry for entry in found if entry is not None and entry[0].year >= since)
            return
    raise PackError(
        f"`{item}` is no day that a calendar understands; write MM-DD, YYYY-MM-DD, MM-DD~us, MM-DD~sun, "
        "nth:MM:dow:N, easter+N or thanksgiving+N, each with @YYYY for a first year"
    )


_Entry = tuple[date, str] | None


def _fixed(year: int, parts: Sequence[str]) -> _Entry:
    month, day, shift = int(parts[0]), int(parts[1]), parts[2]
    if (month, day) == (2, 29) and not month_names.isleap(year):
        return None
    when, name = date(year, month, day), f"{day} {month_names.month_name[month]}"
    if shift == "~us" and when.weekday() >= 5:
        return when + timedelta(days=-1 if when.weekday() == 5 else 1), f"{name} (observed)"
    if shift == "~sun" and (when - timedelta(days=1)).weekday() != 6:
        return None
    return when, name


def _single(year: int, parts: Sequence[str]) -> _Entry:
    when = date.fromisoformat(parts[0])
    return (when, f"{when.day} {month_names.month_name[when.month]} {when.year}") if when.year == year else None


def _nth(year: int, parts: Sequence[str]) -> _Entry:
    month, weekday, n = int(parts[0]), _WEEKDAYS.index(parts[1]), int(parts[2])
    first = date(year, month, 1)
    when = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))
    name = f"{_ordinal(n)} {month_names.day_name[weekday]} of {month_names.month_name[month]}"
    return (when, name) if when.month == month else None


def _easter(year: int, parts: Sequence[str]) -> _Entry:
    days = int(parts[0])
    name = {1: "Easter Monday", -2: "Good Friday", 0: "Easter Sunday"}.get(days, f"Easter Sunday {days:+d} days")
    return _easter_sunday(year) + timedelta(days=days), name


def _easter_sunday(year: int) -> date:
    """Of the Gregorian calendar, by the anonymous algorithm of 1876."""
    golden, century, within = year % 19, year // 100, year % 100
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (within // 4) - epact - within % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _thanksgiving(year: int, parts: Sequence[str]) -> _Entry:
    first, days = date(year, 11, 1), int(parts[0])
    fourth_thursday = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    name = "Day after Thanksgiving" if days == 1 else f"Thanksgiving {days:+d} days"
    return fourth_thursday + timedelta(days=days), name


def _ordinal(n: int) -> str:
    return f"{n}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(n, 'th') }"


_FORMS: tuple[tuple[re.Pattern[str], Callable[[int, Sequence[str]], _Entry]], ...] = (
    (re.compile(r"(\d{4}-\d{2}-\d{2})"), _single),
    (re.compile(r"(\d{2})-(\d{2})(~us|~sun)?"), _fixed),
    (re.compile(r"nth:(\d{2}):([a-z]{3}):([1-5])"), _nth),
    (re.compile(r"easter([+-]\d{1,3})"), _easter),
    (re.compile(r"thanksgiving([+-]\d{1,3})"), _thanksgiving),
)
