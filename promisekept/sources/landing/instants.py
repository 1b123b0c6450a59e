"""Reading instants: text, local wall clocks and zones, as DuckDB expressions.

Here: how a value becomes a TIMESTAMPTZ. A wall-clock time that happens twice is its first occurrence, one that never
happens is null (and so refused); DuckDB's own conversion takes the second and accepts the missing one, so the zone's
rules are laid out here as one CASE over its transitions. Not here: which columns are instants (contract.py) or what
becomes of a rejected value (validation.py).

Values outside 1900 to 2100 are rejected: they are sentinels or slips, and no rule of a zone covers them.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from promisekept.sources.sandbox import literal

FIRST = datetime(1900, 1, 1, tzinfo=UTC)
LAST = datetime(2100, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000
_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_OFFSET = r" ?(Z|[+-]\d{2}(:?\d{2})?)"
_TIME_DIRECTIVES = ("%H", "%I", "%-H", "%-I", "%X", "%c", "%f", "%M", "%S", "%-M", "%-S", "%p", "%g", "%n")


@dataclass(frozen=True, slots=True)
class Reading:
    """SQL expressions of a value as an instant, or a local time (`day`: a date without a time)."""

    absolute: str | None
    local: str | None
    day: str = "false"


def reading(value: str, sql_type: str, fmt: str | None) -> Reading | None:
    """How to read one column.

    Args:
        value: SQL expression that yields the column's value.
        sql_type: its DuckDB type.
        fmt: strptime format of the source for text, null for ISO 8601.

    Returns:
        The expressions, or None where a value of this type is no time at all.
    """
    if sql_type == "TIMESTAMP WITH TIME ZONE":
        return Reading(absolute=value, local=None)
    if sql_type.startswith(("TIMESTAMP", "DATE")):
        return Reading(absolute=None, local=f"{value}::timestamp", day="true" if sql_type == "DATE" else "false")
    if sql_type != "VARCHAR":
        return None
    return _iso(value) if fmt is None else _formatted(value, fmt)


def _iso(value: str) -> Reading:
    return Reading(
        absolute=f"case when regexp_full_match({value}, '{_DAY}{_CLOCK}{_OFFSET}') then try_cast({value} as timestamptz) end",
        local=f"case when regexp_full_match({value}, '{_DAY}({_CLOCK})?') then try_cast({value} as timestamp) end",
        day=f"length({value}) = 10",
    )


def _formatted(value: str, fmt: str) -> Reading:
    parsed = f"try_strptime({value}, {literal(fmt)})"
    if "%z" in fmt:
        return Reading(absolute=parsed, local=None)
    has_time = any(directive in fmt for directive in _TIME_DIRECTIVES)
    return Reading(absolute=None, local=parsed, day="false" if has_time else "true")


def bounded(absolute: str) -> str:
    """The instant where it lies within the years that are read, else null."""
    return f"case when {absolute} >= '{FIRST.isoformat()}' and {absolute} < '{LAST.isoformat()}' then {absolute} end"


def localised(local: str, day: str, zone: str, bounds: tuple[int, int] | None = None) -> str:
    """SQL expression: the instant of a local time in a zone.

    Args:
        local: a column (not an expression, it is repeated) with the local time in microseconds since 1970, BIGINT.
        day: boolean expression: the value is a date, it means the first instant of that day.
        zone: IANA name.
        bounds: least and greatest local time that occur, where known; it leaves most of two centuries' rules out, which
            for a small file cost more to plan than the file to read.

    Returns:
        TIMESTAMPTZ; null for an hour that the zone leaps over and for years that are not read.
    """
    parts = segments(zone)
    if bounds is not None:
        first = bisect_right(parts, bounds[0], key=lambda part: part.start) - 1
        parts = parts[first : bisect_right(parts, bounds[1], key=lambda part: part.start)]
    return f"make_timestamptz({_case(parts, local, day)})"


@dataclass(frozen=True, slots=True)
class OffsetSegment:
    """Local times from `start` on share an offset; offset None: they never happen, the clock leaps at `leap`."""

    start: int
    offset: int | None
    leap: int = 0


@cache
def segments(zone: str) -> tuple[OffsetSegment, ...]:
    """The local time line of a zone as segments of one offset, in microseconds, `start` inclusive.

    Between 1900 and 2100; the segments before and after hold nothing that can be read (offset None, leap 0).
    """
    rules = ZoneInfo(zone)

    def offset(second: int) -> int:
        moved = (_EPOCH + timedelta(seconds=second)).astimezone(rules).utcoffset()
        return int((moved or timedelta(0)).total_seconds())

    begin, end = (int((edge - _EPOCH).total_seconds()) for edge in (FIRST, LAST))
    now = offset(begin)
    found = [OffsetSegment((begin + now) * _SECOND, now * _SECOND)]
    for day in range(begin, end, 86400):
        after = offset(day + 86400)
        if after == now:
            continue
        low, high = day, day + 86400
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == now else (low, middle)
        if after > now:
            found.append(OffsetSegment((high + now) * _SECOND, None, high * _SECOND))
        found.append(OffsetSegment((high + max(now, after)) * _SECOND, after * _SECOND))
        now = after
    before = OffsetSegment(-(2**62), None)
    return (before, *found, OffsetSegment((end + now) * _SECOND, None))


def _case(parts: tuple[OffsetSegment, ...], local: str, day: str) -> str:
    if len(parts) == 1:
        part = parts[0]
        if part.offset is not None:
            return f"{local} - ({part.offset})"
        return f"case when {day} then {part.leap} end" if part.leap else "null::bigint"
    middle = len(parts) // 2
    below, above = _case(parts[:middle], local, day), _case(parts[middle:], local, day)
    return f"case when {local} < {parts[middle].start} then {below} else {above} end"
