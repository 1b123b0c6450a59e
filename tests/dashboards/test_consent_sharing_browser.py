"""The pages of consent and sharing in a real browser; the officer's questions on them are in test_journeys.py."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from browsing import Reader, answer, parameters
from playwright.sync_api import expect

from dashboards.snapshots import Ref
from promisekept.presentation import formats

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ZONE = "America/New_York"
WINDOWS = [(1440, "light"), (1440, "dark"), (820, "dark")]


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
