"""The pages of consent and sharing in a real browser; the officer's questions on them are in test_journeys.py."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Page, expect
from test_browser import Reader, answer, base, browser, reader

from dashboards import notation
from dashboards.snapshots import Ref

__all__ = ["base", "browser", "reader"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
ZONE = "America/New_York"
WINDOWS = [(1440, "light"), (1440, "dark"), (820, "dark")]


def parameters(page: Page) -> dict[str, list[str]]:
    """What stands in the address."""
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize("reader", WINDOWS, indirect=True, ids=["wide", "wide-dark", "narrow"])
@pytest.mark.parametrize("address", ["/consent", "/sharing"])
def test_a_page_is_whole_in_both_themes_and_narrow(reader: Reader, address: str) -> None:
    page = reader.open(address)
    page.locator("[data-testid=stVegaLiteChart] svg").nth(2).wait_for(timeout=90_000)
    assert page.locator("h1").count() == 1
    assert page.locator("[data-testid=stAlert]").count() == 0
    assert "Traceback" not in page.inner_text("body")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


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
    said = f"{notation.out_of(failed, judged)} disclosures in the quarter"
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
    expect(page.locator("[data-testid=stMain]")).to_contain_text(f"{notation.out_of(k, n)} active")
    expect(page.locator("[data-testid=stMain]")).to_contain_text("Purpose: Product news")
    page.get_by_role("button", name="Purpose: Product news").click()
    page.wait_for_function("!location.search.includes('purpose')")


@pytest.mark.parametrize("address", ["/consent", "/sharing"])
def test_an_attack_in_the_address_is_inert(reader: Reader, address: str) -> None:
    attack = quote("\"><img src=x onerror=alert(1)><script>alert(2)</script>' or 1=1 --")
    names = ("period", "purpose", "system", "list", "page", "recipient", "kind", "check", "ending", "disclosure")
    page = reader.open(f"{address}?{'&'.join(f'{name}={attack}' for name in names)}")
    assert reader.dialogs == []
    assert "onerror" not in page.inner_text("[data-testid=stMain]")
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("[data-testid=stAlert]").count() == 0
