"""The pages of proof in a real browser: a finding down to its row, a promise up from its sources, a file that is written down."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from browsing import FIGURE, Reader, answer, select_row
from playwright.sync_api import expect

from dashboards.snapshots import Ref
from promisekept.presentation import formats
from promisekept.publishing import export_log

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_reader_comes_from_the_list_to_one_finding_and_on_to_its_request(reader: Reader, ref: Ref) -> None:
    high, number = answer(ref, "select count_if(severity = 'high'), count(*) from marts.fct_findings")
    page = reader.open("/findings?view=cases")
    page.get_by_role("radio", name=f"High · {high}").click()
    page.wait_for_url("**/findings?view=cases&severity=high")
    expect(page.get_by_text(f"{high} of {number} findings")).to_be_visible()
    reader.settle()
    select_row(reader, page.locator("[data-testid=stDataFrame]").first)
    page.wait_for_url("**finding=**")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("Where it comes from")
    expect(drawer).to_contain_text("Open and past its due date")
    drawer.get_by_role("link", name="Open the request").click()
    page.wait_for_url("**/requests?request=**")
    reader.settle()
    expect(page.locator("h1").first).to_contain_text("Overdue by")


def test_a_closed_drawer_leaves_the_address_and_stays_closed(reader: Reader, ref: Ref) -> None:
    key = answer(ref, "select finding_key from marts.fct_findings where severity = 'medium' order by 1 limit 1")[0]
    page = reader.open(f"/findings?severity=medium&finding={key}")
    expect(page.get_by_role("dialog")).to_contain_text("closed_late")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.wait_for_function("!location.search.includes('finding')")
    reader.settle()
    assert page.get_by_role("dialog").count() == 0
    assert "severity=medium" in page.url


def test_what_is_taken_away_opens_holds_every_row_and_stands_in_the_export_log(
    reader: Reader,
    ref: Ref,
    served_home: Path,
    tmp_path: Path,
) -> None:
    number, every = answer(ref, "select count_if(severity = 'medium'), count(*) from marts.fct_findings")
    page = reader.open("/findings?view=cases&severity=medium&sort=oldest")
    before = len(export_log.entries(served_home))
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_text(f"{number} of {every} rows as CSV")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    file = tmp_path / "taken.csv"
    download.value.save_as(file)
    assert download.value.suggested_filename == f"findings-worklist-{ref.id}.csv"
    with file.open(encoding="utf-8-sig", newline="") as content:
        rows = list(csv.DictReader(content))
    assert len(rows) == number
    assert [row["Happened"] for row in rows] == sorted(row["Happened"] for row in rows)
    entry = export_log.entries(served_home)[before].export
    assert (entry.content, entry.rows, entry.of, entry.snapshot) == ("Findings: worklist", number, every, ref.id)
    assert (entry.filters, entry.role, entry.period) == ({"severity": ["medium"]}, "local", "")


def test_the_numbers_behind_a_chart_are_taken_away_too(reader: Reader, served_home: Path) -> None:
    page = reader.open("/requests")
    before = len(export_log.entries(served_home))
    page.get_by_role("button", name="Data table: by status").click()
    with page.expect_download():
        page.get_by_role("button", name="CSV", exact=True).click()
    entry = export_log.entries(served_home)[before].export
    assert (entry.content, entry.period) == ("Requests: Where every request went, by status", "2026-Q3")


def test_a_box_of_the_graph_is_chosen_by_click_and_by_keyboard(reader: Reader) -> None:
    page = reader.open("/traceability?clause=RIG-8")
    chart = page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first
    box = chart.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.07, box["y"] + box["height"] / 2 + 14)  # the only box of the first column
    page.wait_for_url("**node=promise%3ARIG-8")
    expect(page.get_by_role("heading", name="RIG-8", exact=True)).to_be_visible()
    page.get_by_role("button", name="legacy_tickets", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**node=source%3Alegacy_tickets")
    expect(page.get_by_role("heading", name="legacy_tickets")).to_be_visible()
    expect(page.get_by_text("12,044 read = ")).to_be_visible()


def test_a_search_stays_on_the_page_that_it_was_made_on(reader: Reader) -> None:
    page = reader.open("/findings?q=legacy_tickets")
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="Promises", exact=True)).to_be_visible()
    reader.settle()
    expect(page.get_by_label("Search promises")).to_have_value("")
    assert "q=" not in page.url


def test_a_link_to_a_restated_figure_opens_it(reader: Reader, ref: Ref) -> None:
    key, old = answer(
        ref,
        f"select {FIGURE}, old_value from history.fct_restatements where metric_code = 'deadline_adherence'"
        " and dimension = 'all' and period_grain = 'quarter' and old_value <> new_value order by period_start desc limit 1",
    )
    page = reader.open(f"/restatements?figure={key}")
    expect(page.get_by_role("dialog")).to_contain_text(formats.rate(old))
