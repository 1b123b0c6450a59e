"""Every page and every open drawer as axe reads it: no serious and no critical violation, in both themes and narrow."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from test_browser import Reader, answer, base, browser, reader
from test_browser_proof import KEY, home, ref  # two snapshots, so that something was restated

from dashboards.page import PAGES
from dashboards.snapshots import Ref

__all__ = ["base", "browser", "home", "reader", "ref"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
WINDOWS = [(1440, "light"), (820, "dark")]  # contrast is a matter of the theme, order and size one of the width
ADDRESSES = [f"/{path}" for members in PAGES.values() for _, _, _, path in members]
OPENED = {
    "/?clause=": "select clause_id from marts.fct_control_status where clause_id = 'RIG-8' limit 1",
    "/findings?finding=": "select finding_key from marts.fct_findings where severity = 'high' order by 1 limit 1",
    "/requests?request=": "select request_key from marts.fct_requests where status = 'open_overdue' order by 1 limit 1",
    "/sharing?disclosure=": "select namespace || '/' || event_id from marts.fct_disclosures where not ok_not_stopped"
    " order by 1 limit 1",
    "/retention?record=": "select record_key from marts.fct_records where status = 'over_retained' order by 1 limit 1",
    "/policy?version=": "select policy_version from marts.fct_policy_versions order by 1 limit 1",
    "/restatements?figure=": f"select {KEY} from history.fct_restatements where metric_code = 'deadline_adherence'"
    " and old_value <> new_value order by 1 limit 1",
}
"""Address of a drawer or of one request -> the key that completes it."""


def lacking(reader: Reader) -> list[str]:
    """What axe calls serious or critical, with the first element of each."""
    return [
        f"{found['id']}: {found['help']}, {len(found['nodes'])} times, first {found['nodes'][0]['html'][:300]}"
        for found in Axe().run(reader.page).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("reader", WINDOWS, indirect=True, ids=["wide", "narrow-dark"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_shuts_anybody_out(reader: Reader, address: str) -> None:
    reader.open(address)
    assert lacking(reader) == []


@pytest.mark.parametrize("reader", WINDOWS, indirect=True, ids=["wide", "narrow-dark"])
@pytest.mark.parametrize("address", OPENED)
def test_what_opens_from_a_row_shuts_nobody_out(reader: Reader, ref: Ref, address: str) -> None:
    page = reader.open(address + quote(str(answer(ref, OPENED[address])[0]), safe=""))
    if address != "/requests?request=":  # one request takes the page
        expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(500)  # until it has slid in: axe measures contrast as drawn
    assert lacking(reader) == []
