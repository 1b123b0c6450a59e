"""Consent, sharing, retention, collection, incidents and policy changes in a real browser; more of them in test_journeys.py."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from browsing import Reader, answer, parameters, select_row, table
from playwright.sync_api import expect

from dashboards.snapshots import Ref
from promisekept.presentation import formats

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_click_on_a_cell_filters_and_another_takes_the_filter_away(reader: Reader, ref: Ref) -> None:
    page = reader.open("/retention")
    click_until(reader, lambda: "category=" in page.url and "system=" in page.url)
    reader.settle()
    category, system = (page.evaluate(f"new URLSearchParams(location.search).get('{name}')") for name in ("category", "system"))
    row = answer(
        ref,
        "select coalesce(sum(records_left) filter (status = 'over_retained'), 0)::bigint, sum(records_left)::bigint"
        f" from marts.fct_records where is_alive and schedule_id is not null and data_category = '{category}'"
        f" and system = '{system}'",
    )
    expect(page.locator("[data-testid=stMain]")).to_contain_text(f"{formats.out_of(*row)} records alive and scheduled")
    click_until(reader, lambda: "category=" not in page.url)


def click_until(reader: Reader, done: Any) -> None:
    """Click along the first row of the heat until something has come of it: where its cells begin depends on a font."""
    chart = reader.page.locator("[data-testid=stVegaLiteChart]").first
    chart.scroll_into_view_if_needed()
    frame = chart.bounding_box()
    assert frame is not None
    for part in (0.36, 0.42, 0.3, 0.48, 0.56, 0.64, 0.72, 0.8):
        reader.page.mouse.click(frame["x"] + frame["width"] * part, frame["y"] + frame["height"] * 0.16)
        for _ in range(6):
            reader.page.wait_for_timeout(250)
            if done():
                return
    raise AssertionError("no click on the heat changed the address")


def test_a_date_in_a_link_shows_that_dates_figures(reader: Reader, ref: Ref) -> None:
    row = answer(
        ref,
        "select value, numerator, denominator from marts.fct_metrics where metric_code = 'over_retention_rate'"
        " and dimension = 'all' and period_grain = 'month' and period_start = date '2026-07-01'",
    )
    page = reader.open("/retention?at=2026-07-31")
    main = page.locator("[data-testid=stMain]")
    expect(main).to_contain_text(formats.rate(row[0], 0.01))
    expect(main).to_contain_text(f"{formats.out_of(row[1], row[2])} records alive and scheduled")
    page.get_by_role("radio", name="30 Sep", exact=True).or_(page.get_by_role("button", name="30 Sep", exact=True)).first.click()
    page.wait_for_function("!location.search.includes('at=')")


def test_a_filter_of_collections_is_in_the_link_and_its_figure_is_the_marts(reader: Reader, ref: Ref) -> None:
    row = answer(
        ref,
        "select numerator, denominator from marts.fct_metrics where metric_code = 'notice_at_collection_rate'"
        " and dimension = 'feature' and dimension_value = 'live_notes' and period_grain = 'to_date'",
    )
    page = reader.open("/collection?period=to_date&feature=live_notes")
    expect(page.locator("[data-testid=stMain]")).to_contain_text(f"{formats.out_of(*row)} collections to date")
    page.get_by_role("button", name="Feature: Live notes").or_(
        page.get_by_role("checkbox", name="Feature: Live notes")
    ).first.click()
    page.wait_for_function("!location.search.includes('feature')")


def test_the_clock_that_runs_is_on_the_page_of_any_period_and_a_status_filters(reader: Reader, ref: Ref) -> None:
    known = answer(ref, "select count(*) from marts.fct_incidents")[0]
    main = reader.open("/incidents?period=2025").locator("[data-testid=stMain]")
    expect(main).to_contain_text(f"of {known} incidents to date")
    expect(main).to_contain_text("45\u00a0hours left", timeout=60_000)  # in the chart, which is drawn when it is fetched
    page = reader.open("/incidents?period=to_date&status=late")
    expect(page.locator("[data-testid=stMain]")).to_contain_text("1\u00a0incident")
    lanes = page.locator("[data-testid=stVegaLiteChart]").first
    assert "INC-02: Authority notified after 78\u00a0hours, 6\u00a0hours late" in (
        lanes.get_attribute("aria-label") or lanes.inner_html()
    )


def test_a_version_opens_from_its_row_and_from_a_link(reader: Reader, ref: Ref) -> None:
    row = answer(
        ref,
        "select notified_before_effective_count, audience_size from marts.fct_policy_versions where policy_version = '2026-08'",
    )
    page = reader.open("/policy?version=2026-08")
    expect(page.get_by_role("dialog")).to_contain_text(f"{formats.out_of(*row)} persons")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.wait_for_function("!location.search.includes('version')")
    reader.settle()
    select_row(reader, table(page, "All versions"), 2)
    page.wait_for_url("**version=2025-12**")
    expect(page.get_by_role("dialog")).to_contain_text("Version 2025-12")


def test_a_click_on_a_cell_filters_the_rows_below_and_stands_in_the_address(reader: Reader, ref: Ref) -> None:
    failed, judged = answer(
        ref,
        "select count(*) filter (not ok_agreement), count(ok_agreement) from marts.fct_disclosures"
        " where recipient_id = 'clearvoice_ai' and occurred_date >= date '2026-07-01'",
    )
    page = reader.open("/sharing")
    cell = page.locator("path[aria-label*='Recipient: clearvoice_ai; Check: Agreement']")
    cell.click()
    expect(page.get_by_role("heading", name="Shared without an agreement in force")).to_be_visible()
    assert parameters(page) == {"recipient": ["clearvoice_ai"], "check": ["agreement"]}
    said = f"{formats.out_of(failed, judged)} disclosures in the quarter"
    expect(page.get_by_text(said)).to_be_visible()
    again = reader.open(f"/sharing?{urlsplit(page.url).query}")  # the link opens the same rows
    expect(again.get_by_text(said)).to_be_visible()
    again.get_by_role("button", name="Failed check: Agreement").click()
    again.wait_for_function("!location.search.includes('check')")
    expect(again.get_by_role("heading", name="Received data after an objection or erasure")).to_be_visible()


def test_a_filter_and_a_period_in_a_link_give_the_marts_figure(reader: Reader, ref: Ref) -> None:
    k, n = answer(
        ref,
        "select numerator, denominator from marts.fct_metrics where metric_code = 'consent_provable_rate'"
        " and period_grain = 'to_date' and dimension_value = 'product_news'",
    )
    page = reader.open("/consent?purpose=product_news&period=to_date")
    expect(page.locator("[data-testid=stMain]")).to_contain_text(f"{formats.out_of(k, n)} active")
    expect(page.locator("[data-testid=stMain]")).to_contain_text("Purpose: Product news")
    page.get_by_role("button", name="Purpose: Product news").click()
    page.wait_for_function("!location.search.includes('purpose')")
