"""The dashboard in a real browser: a window, where it looks, and what it clicks.

Here: what the browser's tests share. Not here: the servers and windows themselves (conftest.py).
"""

from __future__ import annotations

import socket
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, ViewportSize

from dashboards.data import query
from dashboards.snapshots import Ref

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    *("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"),
    "--js-flags=--no-maglev --no-opt",  # a page is closed too soon for the time to come back that its optimising takes
]
FIGURE = "md5(concat_ws('|', metric_code, period_grain, period_start::varchar, dimension, dimension_value))"
"""What names a restated figure in an address."""
WIDE: ViewportSize = {"width": 1440, "height": 900}


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

    def turn(self, width: int, scheme: Literal["light", "dark"]) -> None:
        """Change the width of the window and the colours that the system asks for, as a reader may while they read."""
        self.page.set_viewport_size({**WIDE, "width": width})
        self.page.emulate_media(color_scheme=scheme)
        self.settle()

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


def answer(ref: Ref, sql: str) -> list[Any]:
    """The first row that a question to the snapshot gives."""
    return list(query.first(ref, sql).values())


def select_row(reader: Reader, table: Locator, number: int = 0) -> None:
    """Open a row of a table: one click on a cell that is not in the first column."""
    table.scroll_into_view_if_needed()
    frame = table.bounding_box()
    assert frame is not None
    at = frame["x"] + frame["width"] / 2, frame["y"] + 34 * (number + 1) + 17
    reader.page.mouse.move(*at)
    reader.page.wait_for_timeout(200)  # the table takes a click for the cell that the pointer rests on
    reader.page.mouse.click(*at)


def table(page: Page, name: str) -> Locator:
    """The table below a heading."""
    heading = page.get_by_role("heading", name=name, exact=True)
    return heading.locator("xpath=following::*[@data-testid='stDataFrame'][1]")


def parameters(page: Page) -> dict[str, list[str]]:
    """What stands in the address."""
    return parse_qs(urlsplit(page.url).query)


def lacking(reader: Reader) -> list[str]:
    """What axe calls serious or critical, with the first element of each."""
    options = {"resultTypes": ["violations"], "preload": False}  # there is no sound or film whose files it would fetch
    return [
        f"{found['id']}: {found['help']}, {len(found['nodes'])} times, first {found['nodes'][0]['html'][:300]}"
        for found in Axe().run(reader.page, options=options).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]
