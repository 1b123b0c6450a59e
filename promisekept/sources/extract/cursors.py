"""Cursor ranges: which rows of a source to read, and its watermark in the ledger.

Here: ranges as a ledger line holds them, their order, and going back by an overlap. Not here: reading the rows.

A range ends with a value that some row has (`upto`, inclusive). It begins after a value (`after`) where the chunk before it
ended there, or at one (`from`) where late-arriving rows are read again: rows of the last value read, or of an
overlap. Without either it begins with the first row. Laid end to end, the ranges of a source leave no gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from promisekept.config.readers import Files, QueriedReader
from promisekept.config.source import Source
from promisekept.errors import LandingError
from promisekept.sources.zone.batches import Batch, Zone

CursorKind = Literal["number", "instant", "time", "date", "text"]
"""What the values of a cursor are; texts are ordered by the source alone."""


@dataclass(frozen=True, slots=True)
class CursorRange:
    """A range of cursor values, as texts; `column` is null where a source without cursor was read."""

    column: str | None = None
    kind: CursorKind | None = None
    low: str | None = None
    inclusive: bool = True
    upto: str | None = None

    def as_body(self) -> dict[str, Any]:
        """As the ledger holds it."""
        begins = {} if self.low is None else {"from" if self.inclusive else "after": self.low}
        return {"column": self.column, "kind": self.kind, **begins, "upto": self.upto}

    def following(self) -> CursorRange:
        """The range that begins where this one ends."""
        return replace(self, low=self.upto, inclusive=False, upto=None)


def queried_reader(source: Source) -> QueriedReader:
    """The reader of a source that is asked for its rows."""
    if isinstance(source.reader, Files):
        raise TypeError(f"sources.{source.name} has files, which are found and not asked for")
    return source.reader


def range_of(origin: Mapping[str, Any]) -> CursorRange | None:
    """The range that a ledger line records; null where it is about a file."""
    cursor = origin.get("cursor")
    if cursor is None:
        return None
    inclusive = "after" not in cursor
    return CursorRange(cursor["column"], cursor["kind"], cursor.get("from" if inclusive else "after"), inclusive, cursor["upto"])


def watermark(zone: Zone, source: Source) -> CursorRange | None:
    """The batch's range that reaches furthest under the source's cursor of today; null where there is none."""
    furthest: CursorRange | None = None
    for batch in _own(zone, source):
        cursor_range = range_of(batch.origin)
        again = batch.body["supersedes"] or batch.body["retries"]
        if cursor_range is None or again or cursor_range.column is None or cursor_range.column != queried_reader(source).cursor:
            continue
        if furthest is None or cursor_range.kind != furthest.kind or not before(cursor_range, furthest):
            furthest = cursor_range
    return furthest


def reaching(zone: Zone, source: Source, cursor_range: CursorRange) -> list[Batch]:
    """The batches of a source that may hold rows of a range, because they end in it or after it."""
    return [batch for batch in _own(zone, source) if (one := range_of(batch.origin)) and _reaches(one, cursor_range)]


def _own(zone: Zone, source: Source) -> Iterable[Batch]:
    for batch in zone.batches:
        if (batch.source, batch.log, batch.namespace) == (source.name, source.log, source.namespace):
            yield batch


def _reaches(one: CursorRange, cursor_range: CursorRange) -> bool:
    if one.column != cursor_range.column or one.kind != cursor_range.kind:
        return False
    if cursor_range.low is None or one.upto is None or one.kind is None:
        return True
    return (
        one.upto == cursor_range.low
        if one.kind == "text"
        else not _value(one.kind, one.upto) < _value(one.kind, cursor_range.low)
    )


def before(one: CursorRange, other: CursorRange) -> bool:
    """Whether a range ends before another does; of texts only the source decides, and it gives them in order."""
    if one.kind is None or one.kind == "text" or one.upto is None or other.upto is None:
        return False
    return bool(_value(one.kind, one.upto) < _value(one.kind, other.upto))


def advances(cursor_range: CursorRange, reached: CursorRange | None) -> bool:
    """Whether a range ends beyond the watermark."""
    return reached is None or (cursor_range.upto != reached.upto and not before(cursor_range, reached))


def next_range(source: Source, reached: CursorRange | None) -> CursorRange:
    """What to ask for: all rows, or those from the last value read on, less the overlap.

    Raises:
        LandingError: the overlap is no length of what the cursor is.
    """
    reader = queried_reader(source)
    if reached is None or reached.upto is None or reached.kind is None:
        return CursorRange(reader.cursor)
    return CursorRange(reader.cursor, reached.kind, _back(source, reached.kind, reached.upto, reader.overlap), inclusive=True)


def check_kind(source: Source, reached: CursorRange | None, kind: CursorKind) -> None:
    """Reject going on by a cursor that is not what it was.

    Raises:
        LandingError: its kind changed.
    """
    if reached is not None and reached.kind is not None and reached.kind != kind:
        raise LandingError(
            f"sources.{source.name}.reader.cursor: `{reached.column}` was of kind {reached.kind} when last read, now {kind}.\n"
            "  Which rows are new is unknown. Cast it in the query to what it was, or give the cursor another name:\n"
            "  then all rows are read again, and those that have landed count as duplicates."
        )


def _value(kind: CursorKind, text: str) -> Any:
    if kind == "number":
        return Decimal(text)
    if kind == "date":
        return date.fromisoformat(text)
    return datetime.fromisoformat(text)


def _back(source: Source, kind: CursorKind, text: str, overlap: int | timedelta) -> str:
    """A value further back by an overlap, of dates by whole days."""
    if not overlap:
        return text
    if kind == "number" and isinstance(overlap, int):
        return str(Decimal(text) - overlap)
    if kind == "date" and isinstance(overlap, timedelta):
        return (date.fromisoformat(text) - timedelta(days=-(-overlap // timedelta(days=1)))).isoformat()
    if kind in ("instant", "time") and isinstance(overlap, timedelta):
        read = datetime.fromisoformat(text)
        return ((read if read.tzinfo is None else read.astimezone(UTC)) - overlap).isoformat()
    wants = {"number": "a number", "text": "none: texts have no distance"}.get(kind, "a duration such as PT1H")
    raise LandingError(
        f"sources.{source.name}.reader.overlap: {overlap} is no distance between two values of "
        f"`{queried_reader(source).cursor}`, which are of the kind {kind}.\n  Give {wants}."
    )
