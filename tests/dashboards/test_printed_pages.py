"""Every page as a sheet: nothing cut, no letter too small, no control, a running head and foot on each page of the paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import quote

import pytest
from browsing import Reader, answer
from pypdf import PageObject, PdfReader
from streamlit.testing.v1 import AppTest

from dashboards.components.paper import ROWS
from dashboards.data.request_filters import OPEN
from dashboards.page import PAGES
from dashboards.snapshots import Ref
from dashboards.views.requests.worklist import TABLE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TITLES = {f"/{path}": title for members in PAGES.values() for _, title, _, path in members}
SMALLEST = 9.5 * 72 / 96
"""Points of 9.5 px where 794 px are the width of A4."""
BEYOND = """() => {
    const edge = document.querySelector('[data-testid=stMainBlockContainer]').getBoundingClientRect().right + 1;
    const drawn = [...document.querySelectorAll('[data-testid=stMainBlockContainer] :is(p, td, th, h1, h2, svg, table, code)')];
    return drawn.filter(one => one.getBoundingClientRect().right > edge).map(one => one.outerHTML.slice(0, 200));
}"""
CONTROLS = "[data-testid=stMainBlockContainer] :is(button, input, select, textarea, [role=tab])"


@dataclass(frozen=True)
class Sheet:
    """One page of the paper: what it says, and each piece of it with the size of its letters in points."""

    said: str
    letters: list[tuple[float, str]]


def printed(reader: Reader, address: str) -> list[Sheet]:
    page = reader.open(f"{address}{'&' if '?' in address else '?'}print=1")
    page.wait_for_timeout(500)  # charts are drawn after the last script
    return [read(sheet) for sheet in PdfReader(BytesIO(page.pdf(format="A4", print_background=True))).pages]


def read(sheet: PageObject) -> Sheet:
    found: list[tuple[float, str]] = []

    def visit(text: str, matrix: list[float], line: list[float], font: object, size: float) -> None:
        if text.strip():
            scale = abs((line[0] * line[3] - line[1] * line[2]) * (matrix[0] * matrix[3] - matrix[1] * matrix[2])) ** 0.5
            found.append((size * scale, text.strip()))

    return Sheet(re.sub(r"\s+", " ", sheet.extract_text(visitor_text=visit)), found)


@pytest.mark.parametrize("address", TITLES)
def test_every_page_is_a_sheet_that_is_whole_and_readable(reader: Reader, address: str) -> None:
    sheets = printed(reader, address)
    page = reader.page
    assert page.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0
    assert page.evaluate(BEYOND) == []
    page.emulate_media(media="print")
    assert page.locator(CONTROLS).filter(visible=True).count() == 0
    assert page.get_by_text("Back to the page").filter(visible=True).count() == 0
    assert sum(len(sheet.letters) for sheet in sheets) > 20
    for number, sheet in enumerate(sheets, start=1):
        assert [one for one in sheet.letters if one[0] < SMALLEST - 0.05] == []
        assert f"page {number} of {len(sheets)}" in sheet.said
        assert TITLES[address] in sheet.said
        assert "content hash sha256" in sheet.said


def test_an_open_drawer_is_a_sheet_of_its_own(reader: Reader, ref: Ref) -> None:
    group, number = answer(ref, "select group_key, count(*) from marts.fct_findings group by 1 order by 2 desc, 1 limit 1")
    (record,) = answer(ref, "select record_key from marts.fct_records where status = 'over_retained' order by 1 limit 1")
    (finding,) = answer(ref, "select finding_key from marts.fct_findings where batch_id is not null order by 1 limit 1")
    dialog = reader.open(f"/findings?group={group}").get_by_role("dialog")
    assert dialog.get_by_role("link", name="Print").get_attribute("href") == f"?group={group}&print=1"
    for address, title, of_it, of_the_page in (
        ("/?clause=RIG-8", "RIG-8", "Strict interpretation", "Act on today"),
        (f"/findings?group={group}", "Finding, by cause", f"{min(ROWS, number)} of {number}, newest first", "causes with"),
        (f"/findings?finding={finding}", "Finding", "Where it comes from", "causes with"),
        (f"/retention?record={quote(record, safe='')}", "Record set", "Where it comes from", "Legal holds"),
    ):
        sheets = printed(reader, address)
        said = " ".join(sheet.said for sheet in sheets)
        assert reader.page.locator("h1").all_inner_texts() == [title]
        assert of_it in said
        assert of_the_page not in said
        assert [one for sheet in sheets for one in sheet.letters if one[0] < SMALLEST - 0.05] == []
        reader.page.emulate_media(media="print")
        assert reader.page.locator(CONTROLS).filter(visible=True).count() == 0
        reader.page.emulate_media(media="null")


def test_the_worklist_is_complete_in_columns_and_its_filters_stand_in_words(reader: Reader, ref: Ref) -> None:
    (number,) = answer(ref, f"select count(*) from marts.fct_requests where {OPEN} and right_type in ('access', 'erasure')")
    sheets = printed(reader, "/requests?right=access&right=erasure&list=open")
    table = reader.page.locator("table.sheet-table").first
    assert table.locator("th").all_inner_texts() == [column.title for column in TABLE]
    assert table.locator("tbody tr").count() == number
    said = reader.page.locator("[data-testid=stMainBlockContainer]").inner_text()
    assert f"All {number} are shown" in said
    assert "Right: Access, Erasure" in said
    assert "Jurisdiction: all" in said
    assert "Q3 2026, 1 Jul – 30 Sep 2026" in said  # noqa: RUF001
    assert "All times" not in said
    assert sum("Daysleft" in sheet.said.replace(" ", "") for sheet in sheets) > 1  # the head repeats on the next page
    assert reader.page.get_by_role("link", name="Back to the page").is_visible()


def drawn(column_titles: list[str], number: int) -> None:
    from datetime import date

    from dashboards.components import tables

    rows = [
        {"Due": date(2026, 9, 30), "Days left": at, "Source": "a-source-of-some-length", "Cause": "word " * 9}
        for at in range(number)
    ]
    columns = [tables.Column(title, title.partition(" #")[0]) for title in column_titles]
    tables.printed(columns, rows[:60], "UTC", alt="Requests", number=number)


@pytest.mark.parametrize(("repeated", "kept"), [(1, True), (9, False)])
def test_fifty_rows_are_shown_and_provenance_gives_way_before_days_and_numbers(repeated: int, kept: bool) -> None:
    titles = [
        "Due",
        "Days left",
        *(f"Cause #{at}" for at in range(repeated)),
        "Source",
        *(f"Due #{at}" for at in range(repeated)),
    ]
    app = AppTest.from_function(drawn, args=(titles, 503)).run()
    assert not app.exception
    (sheet,) = [one.proto.body for one in app.get("html")]
    assert sheet.count("<tr>") == 1 + ROWS
    assert f"{ROWS} of 503 are shown" in sheet
    assert (">Source</th>" in sheet) is kept
    assert ("left out for want of room: Source" in sheet) is not kept
    assert sheet.count("30\u00a0Sep\u00a02026") == ROWS * (1 + repeated)
