"""The pages of consent and sharing in a real browser: the officer's questions on them, each in at most three clicks."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from test_browser import Reader, answer, base, browser, reader

from dashboards import notation
from dashboards.data import query
from dashboards.snapshots import Ref

__all__ = ["base", "browser", "reader"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
ZONE = "America/New_York"
WINDOWS = [(1440, "light"), (1440, "dark"), (820, "dark")]


def to(reader: Reader, name: str) -> Page:
    """From the overview to a page by its link: the first click of every journey."""
    page = reader.open("/")
    page.locator("[data-testid=stSidebar]").get_by_role("link", name=name).click()
    page.wait_for_function(f"document.querySelector('h1')?.innerText === '{name}'")
    reader.settle()
    return page


def parameters(page: Page) -> dict[str, list[str]]:
    """What stands in the address."""
    return parse_qs(urlsplit(page.url).query)


def select_first_row(page: Page, table: Locator) -> None:
    """Click the box at the beginning of the first row."""
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box
    page.mouse.click(box["x"] + 18, box["y"] + 51)


@pytest.mark.parametrize("reader", WINDOWS, indirect=True, ids=["wide", "wide-dark", "narrow"])
@pytest.mark.parametrize("address", ["/consent", "/sharing"])
def test_a_page_is_whole_in_both_themes_and_narrow(reader: Reader, address: str) -> None:
    page = reader.open(address)
    page.locator("[data-testid=stVegaLiteChart] svg").nth(2).wait_for(timeout=90_000)
    assert page.locator("h1").count() == 1
    assert page.locator("[data-testid=stAlert]").count() == 0
    assert "Traceback" not in page.inner_text("body")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_which_systems_have_not_confirmed_a_withdrawal_oldest_first(reader: Reader, ref: Ref) -> None:
    number, whole, oldest = answer(
        ref,
        "select count(*) filter (status = 'unconfirmed'), count(*), min(withdrawn_at) filter (status = 'unconfirmed')"
        " from marts.fct_withdrawal_systems",
    )
    page = to(reader, "Consent")  # one click: the list is on the page
    expect(page.get_by_role("heading", name="Systems that have not confirmed a withdrawal")).to_be_visible()
    expect(page.get_by_text(f"{notation.out_of(number, whole)} expected confirmations ever are overdue")).to_be_visible()
    table = page.locator("[data-testid=stDataFrame]").first
    table.scroll_into_view_if_needed()
    first = table.locator("canvas table tbody tr").first.inner_text()
    assert notation.instant(oldest, ZONE) in first
    page.get_by_role("radio", name="Confirmed late").click()  # and a second for those that came late
    page.wait_for_function("location.search.includes('list=late')")
    late = answer(ref, "select count(*) from marts.fct_withdrawal_systems where not in_time and applied_at is not null")[0]
    assert f"Confirmed late · {late}" in page.inner_text("[data-testid=stMain]")


def test_who_received_data_after_an_objection(reader: Reader, ref: Ref) -> None:
    row = query.first(
        ref,
        "select * from marts.fct_disclosures where not ok_not_stopped and occurred_date >= date '2026-07-01'"
        " order by occurred_at desc, namespace, event_id limit 1",
    )
    page = to(reader, "Sharing")  # first click: the rows are on the page
    expect(page.get_by_role("heading", name="Received data after an objection or erasure")).to_be_visible()
    select_first_row(page, page.locator("[data-testid=stDataFrame]").first)  # second click: one disclosure
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text(row["recipient_id"])
    expect(drawer).to_contain_text(f"{row['batch_id']} · {row['row_number']}")
    assert parameters(page)["disclosure"] == [f"{row['namespace']}/{row['event_id']}"]
    drawer.get_by_role("link", name="The request that stopped it").click()  # third click: the request
    page.wait_for_function("location.pathname === '/requests'")
    assert parameters(page)["request"] == [row["stopped_by"]]


def test_which_agreement_ends_in_thirty_days(reader: Reader) -> None:
    page = to(reader, "Sharing")  # one click
    section = page.get_by_role("table").filter(has_text="DPA-2023-117")
    expect(section).to_contain_text("In 24\u00a0days")
    expect(section).to_contain_text("ostend_billing")
    expect(page.get_by_text("1 of 3 in force have their last day by 30 Oct 2026")).to_be_visible()
    page.get_by_role("radio", name="90 days").click()  # a second for a longer span
    expect(page.get_by_text("2 of 3 in force have their last day by 29 Dec 2026")).to_be_visible()
    assert parameters(page)["ending"] == ["90"]


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
    assert f"{notation.out_of(k, n)} active" in page.inner_text("[data-testid=stMain]")
    assert "Purpose: Product news" in page.inner_text("[data-testid=stMain]")
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
