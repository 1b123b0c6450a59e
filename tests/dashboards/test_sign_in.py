"""Signing in, in a real browser against an OpenID Connect provider: what a role opens, and that no address opens more."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from browsing import answer, free_port
from caller import signed_in
from playwright.sync_api import Page, expect
from provider import Provider
from signed import come_back, opened, settled, sign_in, signed_in_dashboard

from dashboards.snapshots import Ref

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def address(home: Path, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with signed_in_dashboard(tmp_path_factory.mktemp("signed") / "project", home, provider, free_port()) as base:
        yield base


def admit(window: Page, address: str, cookies: dict[str, str]) -> None:
    """Give the window the cookies of somebody who has signed in."""
    window.context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])


def one_request(ref: Ref) -> str:
    """The address of a request that there is."""
    key = answer(ref, "select request_key from marts.fct_requests where status = 'open_overdue' order by 1 limit 1")[0]
    return f"/requests?request={quote(str(key), safe='')}"


def test_a_stranger_sees_the_door_at_every_address(address: str, window: Page, ref: Ref) -> None:
    for path in ("/", "/requests", "/quality", "/findings", one_request(ref)):
        opened(window, address + path)
        expect(window.locator("h1").first).to_have_text("Sign in")
        said = window.inner_text("body")
        assert "Snapshot" not in said
        assert "Overdue" not in said


def test_an_officer_comes_in_and_goes_out(address: str, window: Page, provider: Provider, ref: Ref) -> None:
    sign_in(window, address, provider, ["privacy"])
    expect(window.locator("body")).to_contain_text("ada@example.org")
    expect(window.locator("body")).to_contain_text("Officer: figures, rows, evidence")
    opened(window, address + "/requests?list=open")
    expect(window.locator("body")).to_contain_text("Answered on time")
    expect(window.locator("body")).to_contain_text("Worklist")
    opened(window, address + one_request(ref))
    expect(window.locator("body")).to_contain_text("Timeline")
    expect(window.locator("body")).to_contain_text("REQ-")
    window.get_by_role("button", name="Sign out").click()
    expect(window.locator("body")).to_contain_text("Your organisation decides", timeout=90_000)
    expect(window.locator("h1").first).to_have_text("Sign in")


def test_a_viewer_sees_figures_and_no_row_whatever_the_address_says(
    address: str, window: Page, provider: Provider, ref: Ref
) -> None:
    admit(window, address, signed_in(address, provider, ["staff"]))
    opened(window, address + "/requests")
    expect(window.locator("body")).to_contain_text("Answered on time")
    assert "Worklist" not in settled(window)
    assert window.get_by_role("link", name="Findings").count() == 0
    for path in ("/requests?list=open", one_request(ref), "/findings", "/restatements", "/evidence"):
        said = opened(window, address + path)
        assert "Timeline" not in said
        assert "REQ-" not in said


def asked_for(url: str, cookies: dict[str, str]) -> int:
    """The status with which somebody who sends these cookies is answered."""
    sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Cookie": sent})) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_file_is_given_to_whom_a_role_lets_take_files_and_to_nobody_else_who_knows_its_address(
    address: str, window: Page, provider: Provider
) -> None:
    """Whoever had the address of a file took it away, without signing in."""
    viewer, officer = (signed_in(address, provider, [group]) for group in ("staff", "privacy"))
    admit(window, address, officer)
    opened(window, address + "/requests?list=open")
    window.get_by_role("button", name="Export").first.click()
    with window.expect_download() as taken:
        window.get_by_role("button", name="Download CSV").click()
    url = taken.value.url
    assert "/media/" in url
    assert asked_for(url, officer) == 200
    assert asked_for(url, {}) == 403
    assert asked_for(url, viewer) == 403
    assert asked_for(url, {name: "A" + value[1:] for name, value in officer.items()}) == 403


def test_nobody_reads_what_the_server_tells_of_itself(address: str, provider: Provider) -> None:
    for cookies in ({}, signed_in(address, provider, ["privacy"])):
        assert asked_for(f"{address}/_stcore/metrics", cookies) == 404


def test_who_has_no_role_gets_nothing(address: str, window: Page, provider: Provider) -> None:
    sign_in(window, address, provider, ["canteen"])
    expect(window.locator("h1").first).to_have_text("Nothing to show for you")
    expect(window.locator("body")).to_contain_text("ada@example.org")
    assert "Snapshot" not in window.inner_text("body")
    assert "Answered on time" not in opened(window, address + "/requests")


def test_a_sign_in_of_yesterday_is_over(address: str, window: Page, provider: Provider) -> None:
    """The cookie lives for a month: whoever lost the role meanwhile kept what it opened."""
    come_back(window, address, provider, ["privacy"], age=9 * 3600)
    settled(window)
    expect(window.locator("h1").first).to_have_text("Sign in")
