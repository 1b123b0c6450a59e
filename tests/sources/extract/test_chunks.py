"""Where a chunk ends: never between two rows of one cursor value, and no row falls between two ranges."""

from __future__ import annotations

from itertools import groupby, pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from promisekept.sources.extract.chunks import Piece, cut
from promisekept.sources.extract.cursors import CursorRange


def pieces(values: list[int], sizes: list[int]) -> list[Piece]:
    """The values in batches of the given sizes, as often as needed."""
    made, begin, place = [], 0, 0
    while begin < len(values):
        part = values[begin : begin + sizes[place % len(sizes)]]
        batch = pa.RecordBatch.from_pydict({"value": pa.array(part, pa.int64())})
        made.append(Piece(batch, [str(value) for value in part], "number"))
        begin, place = begin + len(part), place + 1
    return made


def chunks(given: list[Piece], cursor_range: CursorRange, chunk_rows: int | None) -> list[tuple[list[int], CursorRange]]:
    made, rows = [], []
    for part in cut(iter(given), cursor_range, chunk_rows):
        rows += part.rows.column(0).to_pylist()
        if part.cursor_range is not None:
            made.append((rows, part.cursor_range))
            rows = []
    assert rows == []
    return made


@given(
    st.lists(st.integers(0, 12), max_size=60).map(sorted),
    st.lists(st.integers(1, 9), min_size=1, max_size=5),
    st.integers(1, 20),
)
def test_chunks_are_the_rows_in_order_with_ties_together_and_no_gap(values: list[int], sizes: list[int], chunk_rows: int):
    made = chunks(pieces(values, sizes), CursorRange("n", "number", "0"), chunk_rows)
    assert [value for rows, _ in made for value in rows] == values
    for (before, first), (after, second) in pairwise(made):
        assert before[-1] < after[0]
        assert (second.low, second.inclusive) == (first.upto, False)
        longest = max(len(list(same)) for _, same in groupby(before))
        assert chunk_rows <= len(before) < chunk_rows + longest
    assert all(cursor_range.upto == str(rows[-1]) for rows, cursor_range in made)
    assert all((cursor_range.low, cursor_range.inclusive) == ("0", True) for _, cursor_range in made[:1])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_without_a_cursor_chunks_have_the_size_that_was_asked_for(values: list[int], sizes: list[int]):
    bare = [Piece(piece.rows) for piece in pieces(values, sizes)]
    made = chunks(bare, CursorRange(), 4)
    assert [value for rows, _ in made for value in rows] == values
    assert all(len(rows) == 4 for rows, _ in made[:-1])
    assert [value for rows, _ in chunks(bare, CursorRange(), None) for value in rows] == values
