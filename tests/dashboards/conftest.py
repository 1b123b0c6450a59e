"""The invented organisation, published once, and the app run without a browser and in one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path

import invented
import pytest
from browsing import CHROMIUM, QUIET, WIDE, Reader, answering, free_port
from opened_pages import APP, PUBLISHED, SERVER, Open
from playwright.sync_api import Browser, Page, expect, sync_playwright
from provider import Provider
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboards import clock
from dashboards.charts import rendering
from dashboards.snapshots import Ref

rendering.CHECKED = True
config.set_option("server.address", "127.0.0.1")  # as `promisekept dashboard` does: AppTest starts no server
# A server reads the metadata of every installed package once; AppTest would for each page, longer than the page takes.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two published snapshots, the second of 400 requests, so that something was restated."""
    folder = tmp_path_factory.mktemp("larkfield")
    invented.publish(folder, PUBLISHED - timedelta(days=1), 300)
    invented.publish(folder, PUBLISHED, 400)
    return folder


@pytest.fixture(scope="session")
def ref(home: Path) -> Ref:
    """The newer snapshot's name, for questions put to data/ directly."""
    return Ref(str(home), max(path.name for path in (home / "snapshots").glob("0*")))


@pytest.fixture
def open_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Run a page as a reader would open it, two hours after publication."""

    def run(
        path: str = "/",
        at: Path = home,
        later: timedelta = timedelta(hours=2),
        address: Mapping[str, str] | None = None,
        **query: str | list[str],
    ) -> AppTest:
        """`address` takes the parameters whose names this function has for itself."""
        monkeypatch.setattr(sys, "argv", ["app.py", "--home", str(at)])
        monkeypatch.setattr(clock, "now", lambda: PUBLISHED + later)
        app = AppTest.from_file(str(APP), default_timeout=60)
        if path != "/":
            app._page_hash = calc_hash(path.removeprefix("/"))  # switch_page() would want the overview to be drawn first
        for name, value in {**(address or {}), **query}.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return run


@pytest.fixture(scope="session")
def served_home(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the home, in which readers in a browser leave their exports."""
    return Path(shutil.copytree(home, tmp_path_factory.mktemp("served") / "home"))


@pytest.fixture(scope="session")
def base(served_home: Path) -> Iterator[str]:
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
    process = subprocess.Popen(
        [*command, "--", "--home", str(served_home)], cwd=served_home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
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


@pytest.fixture(scope="module")
def only_window(browser: Browser) -> Page:
    """One for all tests of a file: another would fetch and compile all of Streamlit again, longer than a page takes."""
    return browser.new_context(reduced_motion="reduce", ignore_https_errors=True).new_page()


@pytest.fixture
def window(only_window: Page) -> Iterator[Page]:
    """A window of somebody whom no server has seen."""
    only_window.context.clear_cookies()
    only_window.set_viewport_size(WIDE)
    only_window.emulate_media(color_scheme="light", media="null")  # "screen" would hold for what is printed, too
    yield only_window
    for other in only_window.context.pages[1:]:
        other.close()


@pytest.fixture
def reader(base: str, window: Page) -> Iterator[Reader]:
    reader = Reader(base, window)
    watched = {
        "request": lambda asked: reader.asked.append(asked.url),
        "dialog": lambda dialog: (reader.dialogs.append(dialog.message), dialog.dismiss()),
    }
    for event, listener in watched.items():
        window.on(event, listener)
    yield reader
    for event, listener in watched.items():
        window.remove_listener(event, listener)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    started = Provider()
    yield started
    started.close()
