"""Every page and every open drawer in a real browser: whole, unmoved by attacks, and by axe without a serious violation.

In both themes, wide and narrow. What a page shows is read by the tests of that page.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

import pytest
from browsing import FIGURE, Reader, answer, lacking
from playwright.sync_api import expect

from dashboards.page import PAGES
from dashboards.snapshots import Ref

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WINDOWS: list[tuple[int, Literal["light", "dark"]]] = [(1440, "light"), (390, "dark")]
"""Contrast is a matter of the theme, order and size one of the width."""
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
ADDRESSES = [f"/{path}" for members in PAGES.values() for _, _, _, path in members]
PARAMETERS = (
    *("q", "period", "snapshot", "list", "sort", "page", "right", "jurisdiction", "request", "clause", "severity", "area"),
    *("since", "finding", "node", "from", "to", "metric", "figure", "purpose", "system", "recipient", "kind", "check", "ending"),
    *("disclosure", "at", "category", "record", "type", "feature", "status", "version", "erasures"),
    *("view", "state", "owner", "group", "mode", "base", "with", "incident", "withdrawal", "print"),
)
OPENED = {
    "/?clause=": "select clause_id from marts.fct_control_status where clause_id = 'RIG-8' limit 1",
    "/findings?finding=": "select finding_key from marts.fct_findings where severity = 'high' order by 1 limit 1",
    "/findings?group=": "select group_key from marts.fct_findings where severity = 'high' order by 1 limit 1",
    "/requests?request=": "select request_key from marts.fct_requests where status = 'open_overdue' order by 1 limit 1",
    "/sharing?disclosure=": "select namespace || '/' || event_id from marts.fct_disclosures where not ok_not_stopped"
    " order by 1 limit 1",
    "/retention?record=": "select record_key from marts.fct_records where status = 'over_retained' order by 1 limit 1",
    "/policy?version=": "select policy_version from marts.fct_policy_versions order by 1 limit 1",
    "/restatements?figure=": f"select {FIGURE} from history.fct_restatements where metric_code = 'deadline_adherence'"
    " and old_value <> new_value order by 1 limit 1",
}
"""Address of a drawer or of one request -> the key that completes it."""


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_whole_and_shuts_nobody_out(reader: Reader, address: str) -> None:
    page = reader.open(address)
    assert page.locator("h1").count() == 1
    assert page.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0
    assert "Traceback" not in page.inner_text("body")
    for width, scheme in WINDOWS:
        reader.turn(width, scheme)
        assert page.evaluate(FITS), width
        assert lacking(reader) == [], (width, scheme)


@pytest.mark.parametrize("address", ["/", "/compare"])
def test_the_overview_and_what_changed_fit_on_a_telephone(reader: Reader, address: str) -> None:
    """Opened that narrow, in light; every page is turned to that width in dark."""
    reader.page.emulate_media(color_scheme="light")
    reader.page.set_viewport_size({"width": 390, "height": 844})
    page = reader.open(address)
    assert page.evaluate(FITS)
    assert lacking(reader) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_attack_in_the_address_is_inert(reader: Reader, address: str) -> None:
    attack = quote("\"><img src=x onerror=alert(1)><script>alert(2)</script>' or 1=1 --")
    page = reader.open(f"{address}?{'&'.join(f'{name}={attack}' for name in PARAMETERS)}")
    assert reader.dialogs == []
    assert "onerror" not in page.inner_text("[data-testid=stMain]")
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("[data-testid=stException]").count() == 0
    assert "Traceback" not in page.inner_text("body")


@pytest.mark.parametrize("address", OPENED)
def test_what_opens_from_a_row_shuts_nobody_out(reader: Reader, ref: Ref, address: str) -> None:
    page = reader.open(address + quote(str(answer(ref, OPENED[address])[0]), safe=""))
    if address != "/requests?request=":  # one request takes the page
        expect(page.get_by_role("dialog")).to_be_visible()
    for width, scheme in WINDOWS:
        reader.turn(width, scheme)
        assert lacking(reader) == [], (width, scheme)
