"""Numbers that a source hands out without a gap: which of them came, and which did not.

Here: the whole numbers in a file's column as ranges without a gap, for its ledger line; and what is missing between the
ranges of all files together, so that a late file fills what an early one left open. Not here: what a gap counts against.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from promisekept.config.source import Source
from promisekept.sources.extract.file_readers import SourceTable
from promisekept.sources.extract.files import RejectedFileError
from promisekept.sources.sandbox import quoted
from promisekept.sources.zone.batches import Batch

MOST_RANGES = 10_000
GREATEST = 10**18
"""Up to which a number of a sequence is read: the distance of two of them fits into 64 bits."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that never came, both ends included, and the batch that was the first to go on beyond them."""

    source: str
    column: str
    first: int
    last: int
    batch: Batch

    @property
    def missing(self) -> int:
        """How many."""
        return self.last - self.first + 1


def numbers(connection: duckdb.DuckDBPyConnection, source: Source, table: SourceTable) -> dict[str, Any] | None:
    """What a ledger line states about the numbers in `raw`; None where the source names no sequence.

    Raises:
        RejectedFileError: the column is not there, or its numbers are no sequence.
    """
    name = source.sequence
    if name is None or not table.header:
        return None
    if name not in table.columns:
        message = f"The header lacks `{name}`, which `sequence` names. Add it, or correct the key."
        raise RejectedFileError("missing_column", message, table.header, table.rows)
    text = f"trim({quoted(name)}::varchar)"
    is_readable = f"coalesce(regexp_full_match({text}, '[+-]?[0-9]+') and abs(try_cast({text} as hugeint)) <= {GREATEST}, false)"
    (unreadable,) = connection.execute(f"select count(*) from raw where not {is_readable}").fetchall()[0]
    ranges = connection.execute(
        f"""with numbers as (select distinct {text}::bigint as number from raw where {is_readable}),
        placed as (select number, number - row_number() over (order by number) as stretch from numbers)
        select min(number), max(number) from placed group by stretch order by 1 limit {MOST_RANGES + 1}"""
    ).fetchall()
    if len(ranges) > MOST_RANGES:
        message = f"`{name}` has more than {MOST_RANGES:,} gaps in this file, so it is no sequence. Name another column."
        raise RejectedFileError("no_sequence", message, table.header, table.rows)
    return {"column": name, "stretches": [list(one) for one in ranges], "unreadable": int(unreadable)}


def gaps(batches: Iterable[Batch]) -> Iterator[Gap]:
    """What is missing between the numbers of a source's batches that count, least first."""
    ranges = sorted(
        (
            (first, last, batch)
            for batch in batches
            if (sequence := batch.body.get("sequence")) is not None
            for first, last in sequence["stretches"]
        ),
        key=lambda one: (one[0], one[1], one[2].seq),
    )
    earliest: list[Batch] = []
    for _, _, batch in reversed(ranges):
        earliest.append(batch if not earliest or batch.seq < earliest[-1].seq else earliest[-1])
    reached: int | None = None
    for (first, last, _), beyond in zip(ranges, reversed(earliest), strict=True):
        if reached is not None and first > reached + 1:
            yield Gap(beyond.source, beyond.body["sequence"]["column"], reached + 1, first - 1, beyond)
        reached = last if reached is None else max(reached, last)
