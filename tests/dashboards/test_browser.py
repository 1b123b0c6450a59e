"""The dashboard in a real browser, as `promisekept dashboard` starts it, on the invented organisation."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from opened_pages import SERVER
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboards import notation
from dashboards.data import query
from dashboards.snapshots import Ref

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = Path("/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


@dataclass
class Reader:
    """A browser window, and everything that it asked the network for."""

    base: str
    page: Page
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        """Open an address and wait until the app has drawn all of it."""
        self.page.goto(self.base + address)
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until there is a heading and no script has run for half a second; a chart may still be drawn after that."""
        self.page.wait_for_selector("[data-testid=stHeading]", timeout=90_000)
        idle = "document.querySelector('[data-test-script-state]')?.getAttribute('data-test-script-state') === 'notRunning'"
        for _ in range(60):
            self.page.wait_for_function(idle, timeout=90_000)
            self.page.wait_for_timeout(500)
            if self.page.evaluate(idle):
                return


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answering(address: str) -> None:
    """Wait until the server there answers, for a minute at most."""
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
            return
        except OSError:  # nobody listens yet, or is too busy to answer
            time.sleep(0.25)
    pytest.fail(f"{address}: nobody answered for a minute")


@pytest.fixture(scope="module")
def base(home: Path) -> Iterator[str]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(SERVER),
        "--server.address=127.0.0.1",
        f"--server.port={port}",
        "--server.headless=true",
    ]
    process = subprocess.Popen([*command, "--", "--home", str(home)], cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        answering(address)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium here: apt-get install chromium")
    expect.set_options(timeout=30_000)  # two cores that serve, draw and test at once are late; a wrong word never comes
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield started
        started.close()


@pytest.fixture
def reader(base: str, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Reader]:
    width, scheme = getattr(request, "param", (1440, "light"))
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    reader = Reader(base, context.new_page())
    reader.page.on("request", lambda asked: reader.asked.append(asked.url))
    reader.page.on("dialog", lambda dialog: (reader.dialogs.append(dialog.message), dialog.dismiss()))
    yield reader
    context.close()


def answer(ref: Ref, sql: str) -> list[Any]:
    """The first row that a question to the snapshot gives."""
    return list(query.first(ref, sql).values())


@pytest.mark.parametrize(
    "reader", [(1440, "light"), (1440, "dark"), (820, "dark")], indirect=True, ids=["wide", "wide-dark", "narrow"]
)
@pytest.mark.parametrize("address", ["/", "/requests", "/quality"])
def test_every_page_is_whole_in_both_themes_and_narrow(reader: Reader, address: str) -> None:
    page = reader.open(address)
    page.locator("[data-testid=stMetricValue]").nth(3).wait_for(timeout=90_000)  # four figures open every page
    assert page.locator("h1").count() == 1
    assert page.locator("[data-testid=stException]").count() == 0
    assert "Traceback" not in page.inner_text("body")
    assert page.locator("[data-testid=stAlert]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


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
    expect(main).to_contain_text(notation.rate(row[0], 0.98))
    expect(main).to_contain_text(f"{notation.out_of(row[1], row[2])} that fell due · target ≥\u00a098%")


def test_a_link_pasted_from_a_mail_opens_the_same_rows(reader: Reader, ref: Ref) -> None:
    key, due = answer(ref, "select request_key, due_date from marts.fct_requests where status = 'closed_late' order by 1 limit 1")
    page = reader.open(f"/requests?request={quote(key, safe='')}")
    expect(page.locator("[data-testid=stMain]")).to_contain_text(notation.day(due))  # a chart says it, drawn after the script
    page = reader.open("/?clause=RIG-8")
    expect(page.get_by_role("dialog")).to_contain_text("By the stricter reading")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.wait_for_function("!location.search.includes('clause')")


@pytest.mark.parametrize("address", ["/", "/requests", "/quality"])
def test_an_attack_in_the_address_is_inert(reader: Reader, address: str) -> None:
    attack = quote("\"><img src=x onerror=alert(1)><script>alert(2)</script>' or 1=1 --")
    names = ("period", "snapshot", "list", "sort", "page", "right", "jurisdiction", "request", "clause", "q")
    page = reader.open(f"{address}?{'&'.join(f'{name}={attack}' for name in names)}")
    assert reader.dialogs == []
    assert "onerror" not in page.inner_text("[data-testid=stMain]")
    assert page.locator("img[src=x]").count() == 0
    assert "Traceback" not in page.inner_text("body")


def test_printed_pages_leave_out_the_sidebar_and_the_controls(reader: Reader) -> None:
    page = reader.open("/")
    page.emulate_media(media="print")
    assert not page.locator("[data-testid=stSidebar]").is_visible()
    assert not page.locator(".st-key-controls").is_visible()
    assert page.locator("h1").is_visible()
