"""A CSV that a spreadsheet opens computes nothing, and loses nothing."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promisekept.publishing.spreadsheet import defused, defused_column, spreadsheet_csv

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("first", DANGEROUS)
@pytest.mark.parametrize("before", ["", " ", "  "])
def test_text_that_could_be_a_formula_is_led_by_an_apostrophe(first: str, before: str) -> None:
    if before and first in "\t\r\n":
        return
    attack = f"{before}{first}cmd|'/C calc'!A0"
    assert defused(attack) == "'" + attack


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-23, "-23"), (-0.5, "-0.5"), (Decimal("-1.5"), "-1.5"), (None, ""), (True, "True"), ("a=b", "a=b"), ("", ""),
        (date(2026, 9, 30), "2026-09-30"), (datetime(2026, 10, 1, 3, 59, tzinfo=UTC), "2026-10-01T03:59:00Z"),
    ],
)  # fmt: skip
def test_numbers_dates_and_harmless_text_stay_what_they_are(value: object, shown: str) -> None:
    assert defused(value) == shown


@given(st.lists(st.lists(st.text(st.characters(blacklist_categories=["Cs"])), min_size=2, max_size=2), max_size=5))
def test_no_cell_begins_like_a_formula_and_every_text_can_be_had_back(rows: list[list[str]]) -> None:
    header, *read = cells(spreadsheet_csv(["=one", "two"], rows))
    assert header == ["'=one", "two"]
    assert len(read) == len(rows)
    for row, read_back in zip(rows, read, strict=True):
        for value, cell in zip(row, read_back, strict=True):
            assert cell in (value, "'" + value)
            assert not cell.lstrip(" ").startswith(DANGEROUS)


def test_the_file_is_known_as_utf_8_and_every_cell_is_quoted() -> None:
    content = spreadsheet_csv(["Target"], [["≥ 98%"], ['a,"b";c']])
    assert content == '\ufeff"Target"\r\n"≥ 98%"\r\n"a,""b"";c"\r\n'.encode()


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(st.none(), st.text(max_size=6), st.sampled_from([f"{blank}=1" for blank in "\u00a0\u3000\u2028\x1f\x85 \v\t"]))
    )
)
def test_a_whole_column_is_defused_as_each_of_its_cells_is(texts: list[str | None]) -> None:
    column = defused_column(pa.chunked_array([pa.array(texts, pa.string())]))
    assert column.to_pylist() == [None if text is None else defused(text) for text in texts]
