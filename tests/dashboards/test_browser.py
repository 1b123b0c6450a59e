"""The dashboard in a real browser, as `promisekept dashboard` starts it, on the invented organisation."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from urllib.parse import quote

import pytest
from browsing import Reader, answer, parameters, select_row, table
from playwright.sync_api import expect

from dashboards.snapshots import Ref
from promisekept.presentation import formats, glossary

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_nothing_is_fetched_from_anywhere_but_the_app_and_its_font_is_served(reader: Reader) -> None:
    page = reader.open("/requests")
    foreign = [
        url for url in reader.asked if not url.startswith((reader.base, reader.base.replace("http", "ws"), "data:", "blob:"))
    ]
    assert foreign == []
    assert page.evaluate("document.fonts.check('14px Inter')")
    assert any(url.endswith("/app/static/inter.woff2") for url in reader.asked)


def test_only_the_static_folder_is_served(base: str) -> None:
    for path in ("/app/static/../app.py", "/app/static/..%2fapp.py", "/app/static/%2e%2e/%2e%2e/pyproject.toml", "/app/static/"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(base + path, timeout=5)
        assert refused.value.code in (400, 404), path


def test_what_is_on_the_screen_is_what_the_mart_holds(reader: Reader, ref: Ref) -> None:
    row = answer(
        ref,
        "select value, numerator, denominator from marts.fct_metrics"
        " where metric_code = 'deadline_adherence' and dimension = 'all'"
        " and period_grain = 'year' and period_start = date '2026-01-01'",
    )
    main = reader.open("/requests?period=2026").locator("[data-testid=stMain]")
    expect(main).to_contain_text(formats.rate(row[0], 0.98))
    expect(main).to_contain_text(f"{formats.out_of(row[1], row[2])} so far · target ≥\u00a098%")


def test_a_link_pasted_from_a_mail_opens_the_same_rows(reader: Reader, ref: Ref) -> None:
    key, due = answer(ref, "select request_key, due_date from marts.fct_requests where status = 'closed_late' order by 1 limit 1")
    page = reader.open(f"/requests?request={quote(key, safe='')}")
    expect(page.locator("[data-testid=stMain]")).to_contain_text(formats.day(due))  # in a chart, drawn after the script
    page = reader.open("/?clause=RIG-8")
    expect(page.get_by_role("dialog")).to_contain_text("Strict interpretation")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.wait_for_function("!location.search.includes('clause')")


def test_an_address_without_a_page_gets_one_of_ours_and_charts_offer_nothing_past_the_export(reader: Reader) -> None:
    page = reader.open("/nope")
    expect(page.get_by_role("heading", name="No such page")).to_be_visible()
    assert page.get_by_role("dialog").count() == 0
    assert "nope" not in page.inner_text("body")
    page.locator("[data-testid=stMain]").get_by_role("link", name="Overview").click()
    page.wait_for_function("document.querySelector('h1')?.innerText === 'Overview'")
    reader.settle()
    chart = page.locator("[data-testid=stFullScreenFrame]").filter(has=page.locator("[data-testid=stVegaLiteChart]")).first
    chart.hover()
    expect(chart.get_by_role("button")).to_have_count(0)
    described = page.evaluate("[...document.querySelectorAll('[aria-label^=\"Missed promises by month\"]')].length")
    assert described == 1  # one description per chart


def test_the_focus_returns_to_the_row_that_was_opened_and_the_keyboard_opens_the_next(reader: Reader) -> None:
    page = reader.open("/")
    select_row(reader, table(page, "Promises"), 1)
    expect(page.get_by_role("dialog")).to_be_visible()
    first = parameters(page)["clause"]
    page.keyboard.press("Escape")
    page.wait_for_function("!location.search.includes('clause')")
    reader.settle()
    assert page.evaluate("document.activeElement.closest('[data-testid=stDataFrame]') !== null")
    page.keyboard.press("ArrowDown")
    reader.settle()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("location.search.includes('clause')")
    assert parameters(page)["clause"] != first


def test_a_search_from_any_page_opens_a_request_and_its_link_is_copied(reader: Reader, ref: Ref) -> None:
    key, name = answer(ref, "select request_key, request_id from marts.fct_requests order by 1 limit 1")
    page = reader.open("/quality")
    expect(page.locator(".st-key-open_search").get_by_role("button")).to_be_visible()
    page.keyboard.press("/")
    field = page.get_by_role("dialog").get_by_label("Request, record set, recipient or finding")
    expect(field).to_be_focused()
    page.keyboard.type("a/b")
    expect(field).to_have_value("a/b")  # in a field the key is a letter like others
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    field.fill(name)
    field.press("Enter")
    page.get_by_role("dialog").get_by_role("link").first.click()
    page.wait_for_url("**/requests?**request=**")
    assert parameters(page)["request"] == [key]
    reader.settle()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("[data-testid=stPopoverBody] code")).to_contain_text(quote(key, safe=""))


def test_a_row_with_cut_texts_shows_them_whole_to_who_points_at_it(reader: Reader) -> None:
    page = reader.open("/")
    promises = table(page, "Promises")
    promises.scroll_into_view_if_needed()
    cells = promises.locator("canvas td[aria-colindex='3']")
    cells.first.wait_for(state="attached")
    texts = cells.all_text_contents()
    at = next(at for at, text in enumerate(texts) if len(text) > 50)
    promises.hover(position={"x": 300, "y": 34 * (at + 1) + 17})
    expect(promises).to_have_attribute("title", re.compile(f"^Promise: {re.escape(texts[at])}$", re.MULTILINE))
    promises.hover(position={"x": 300, "y": 10})
    expect(promises).to_have_attribute("title", "")  # above the titles nothing is cut
    label = page.get_by_role("button", name="Glossary").locator("[data-testid=stMarkdownContainer]")
    label.hover()
    assert label.get_attribute("title") is None
    page.mouse.move(0, 0)
    label.evaluate("label => { label.style.cssText = 'overflow: hidden; text-overflow: ellipsis; width: 30px' }")
    label.locator("p").evaluate("text => { text.style.whiteSpace = 'nowrap' }")
    label.hover()
    expect(label).to_have_attribute("title", "Glossary")


def test_a_term_opens_its_definition_by_keyboard_and_escape_closes_it_before_the_drawer(reader: Reader) -> None:
    page = reader.open("/?clause=RIG-8")
    page.get_by_role("dialog").get_by_role("link", name="Strict interpretation").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#term")).to_have_text(f"Strict interpretation{glossary.TERMS['Strict interpretation']}")
    assert "term" not in page.url
    page.keyboard.press("Escape")
    expect(page.locator("#term")).to_be_hidden()
    expect(page.get_by_role("dialog")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Glossary").click()
    expect(page.get_by_role("dialog")).to_contain_text(glossary.TERMS["Worst case"])


def test_a_bar_opens_the_promises_that_it_counts(reader: Reader) -> None:
    page = reader.open("/")
    chart = page.locator("[data-testid=stVegaLiteChart]").first
    chart.locator(".mark-rect path[fill='#D4561F']").last.click(position={"x": 4, "y": 4})
    page.wait_for_url("**status=missed**")
    assert parameters(page)["period"] == ["2026-09"]
    reader.settle()
    rows = table(page, "Promises").locator("canvas table tbody tr")
    rows.first.wait_for(state="attached")
    assert all("Missed" in row for row in rows.all_inner_texts())


def test_printed_pages_leave_out_the_sidebar_and_the_controls(reader: Reader) -> None:
    page = reader.open("/")
    page.emulate_media(media="print")
    assert not page.locator("[data-testid=stSidebar]").is_visible()
    assert not page.locator(".st-key-controls").is_visible()
    assert page.locator("h1").is_visible()
