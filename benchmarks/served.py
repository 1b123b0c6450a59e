"""The dashboard, started as its users start it, and those who read it.

Here: the server with its memory, a window of a real browser, sessions without one. Not here: which pages are opened or what is
printed (dashboard.py).

Server time is from the bytes that ask for a run of the script to the last that answer, on the wire (wire.py). So it has the wait
for other sessions, the run and the sending in it, and none of what the browser draws.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.measure import ROOT
from benchmarks.wire import Wire, relay

CHROMIUM = Path("/usr/bin/chromium")
_IDLE = "document.querySelector('[data-test-script-state]')?.getAttribute('data-test-script-state') === 'notRunning'"
_WAIT = 300
_LOOK = 2000
"""Milliseconds that a reader looks at a page before choosing anything; until then the browser is still drawing it."""


@dataclass(frozen=True)
class Server:
    """A running dashboard."""

    port: int
    process: int

    @property
    def base(self) -> str:
        """Its address on this machine."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def memory(self) -> int:
        """Bytes that it holds now, its largest process."""
        return max(_resident(one) for one in (self.process, *_below(self.process)))

    @property
    def processor(self) -> float:
        """Seconds of processors that it has used."""
        return sum(_used(one) for one in (self.process, *_below(self.process)))


@contextmanager
def served(config: Path) -> Iterator[Server]:
    """`promisekept dashboard` on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("promisekept")
    process = subprocess.Popen(
        [str(program), "dashboard", "--config", str(config), "--port", str(port), "--headless"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    server = Server(port, process.pid)
    try:
        _await(server.base)
        yield server
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _await(base: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{base}/_stcore/health", timeout=1)
        except OSError:  # not there yet, or too busy to answer
            time.sleep(0.25)
        else:
            return
    raise SystemExit("The dashboard did not start within a minute.")


def _below(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    return [each for child in map(int, found) for each in (child, *_below(child))]


def _used(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(process: int) -> int:
    match = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(encoding="ascii"), re.M)
    return int(match[1]) * 1024 if match else 0


@dataclass(frozen=True)
class Window:
    """One window of a browser, and the wire that it hangs on."""

    wire: Wire
    page: Page

    def open(self, path: str) -> float:
        """Open a page by its address; seconds of the server."""
        self.wire.clear()
        self.page.goto(f"{self.wire.base}{path}")
        return self._took()

    def change(self) -> float | None:
        """Choose another value in the first control of the page that filters; None where it has none."""
        self.page.wait_for_timeout(_LOOK)
        main = self.page.locator("[data-testid=stMain]")
        choices = main.locator("[data-testid=stButtonGroup] button:not([aria-checked=true], [aria-pressed=true])").filter(
            visible=True
        )
        if not choices.count():
            return None
        self.wire.clear()
        choices.first.click()
        return self._took()

    @property
    def has_error(self) -> bool:
        """Whether a part of the page could not be shown."""
        return bool(self.page.locator("[data-testid=stAlert]", has_text="could not be shown").count())

    def _took(self) -> float:
        end = time.monotonic() + _WAIT
        while time.monotonic() < end:
            self.page.wait_for_timeout(400)
            if not self.page.evaluate(_IDLE):
                continue
            last = self.wire.answered[-1:]
            self.page.wait_for_timeout(400)  # what was on its way when the script seemed done
            if self.wire.asked and last == self.wire.answered[-1:] and last and last[0] > self.wire.asked[-1]:
                return last[0] - self.wire.asked[0]
        raise SystemExit(f"{self.page.url}: the page was not done after {_WAIT} s.")


@contextmanager
def browser() -> Iterator[Browser]:
    """The system's chromium."""
    if not CHROMIUM.exists():
        raise SystemExit(
            f"{CHROMIUM}: the dashboard is measured in a real browser, and there is none.\n  apt-get install chromium"
        )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--no-first-run"])
        yield started
        started.close()


@contextmanager
def window(started: Browser, server: Server) -> Iterator[Window]:
    """A window whose traffic with the server is timed."""
    context = started.new_context(viewport={"width": 1440, "height": 900})
    with relay(server.port) as wire:
        yield Window(wire, context.new_page())
        context.close()


class Session:
    """A reader without a browser, which would take the processors that the server is to be measured on.

    It speaks what the browser speaks: asks for a page over the websocket and takes every frame until the script is done.
    """

    def __init__(self, base: str) -> None:
        self._link: ClientConnection = connect(
            f"{base.replace('http', 'ws')}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
            open_timeout=_WAIT,
        )

    def visit(self, name: str) -> float:
        """Open a page by its name in the address; seconds until it was there."""
        asked = BackMsg()
        asked.rerun_script.page_name = name
        began = perf_counter()
        self._link.send(asked.SerializeToString())
        while True:
            frame = self._link.recv(timeout=_WAIT)
            if isinstance(frame, bytes) and ForwardMsg.FromString(frame).WhichOneof("type") == "script_finished":
                return perf_counter() - began

    def close(self) -> None:
        """Leave."""
        self._link.close()
