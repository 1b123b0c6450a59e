"""The dashboard, started as its users start it, and those who read it.

Here: the server with its memory, a window of a real browser, sessions without one. Not here: which pages are opened or what is
printed (dashboard.py).

Server time is read off the frames of Streamlit's websocket: from the frame that asks for a run of the script to the last
`script_finished` that answers it. So it has the wait for other sessions, the run and the sending in it, and none of what the
browser draws. In the browser both frames carry the time of its network layer, however busy its own pages keep it.
"""

from __future__ import annotations

import base64
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from google.protobuf.message import DecodeError
from playwright.sync_api import Browser, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from benchmarks.measure import ROOT

CHROMIUM = Path("/usr/bin/chromium")
_IDLE = "document.querySelector('[data-test-script-state]')?.getAttribute('data-test-script-state') === 'notRunning'"
_WAIT = 300
_LOOK = 2000
"""Milliseconds that a reader looks at a page before choosing anything; until then the browser is still drawing it."""


@dataclass(frozen=True)
class Server:
    """A running dashboard."""

    base: str
    process: int

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
    server = Server(f"http://127.0.0.1:{port}", process.pid)
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
        except (urllib.error.URLError, ConnectionError):
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


@dataclass
class Window:
    """One window of a browser; `asked` and `answered` are the times of the frames of the page that is open."""

    base: str
    page: Any
    asked: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)

    def open(self, path: str) -> float:
        """Open a page by its address; seconds of the server."""
        self._forget()
        self.page.goto(f"{self.base}{path}")
        return self._took()

    def change(self) -> float | None:
        """Choose another value in the first control of the page that filters; None where it has none."""
        self.page.wait_for_timeout(_LOOK)
        main = self.page.locator("[data-testid=stMain]")
        choices = main.locator("[data-testid=stButtonGroup] button:not([data-testid$=Active])").filter(visible=True)
        if not choices.count():
            return None
        self._forget()
        choices.first.click()
        return self._took()

    @property
    def has_error(self) -> bool:
        """Whether a part of the page could not be shown."""
        return bool(self.page.locator("[data-testid=stAlert]", has_text="could not be shown").count())

    def note(self, times: list[float], frame: dict[str, Any], kind: type[BackMsg] | type[ForwardMsg], name: str) -> None:
        """Write down when a frame of that name went over the wire."""
        try:
            message = kind.FromString(base64.b64decode(frame["response"]["payloadData"]))
        except (DecodeError, ValueError):
            return
        if message.WhichOneof("type") == name:
            times.append(float(frame["timestamp"]))

    def _forget(self) -> None:
        self.asked.clear()
        self.answered.clear()

    def _took(self) -> float:
        end = time.monotonic() + _WAIT
        while time.monotonic() < end:
            self.page.wait_for_timeout(400)
            if self.asked and self.answered and self.answered[-1] > self.asked[-1] and self.page.evaluate(_IDLE):
                return self.answered[-1] - self.asked[0]
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
def window(started: Browser, base: str) -> Iterator[Window]:
    """A window that listens to its own network."""
    context = started.new_context(viewport={"width": 1440, "height": 900})
    opened = Window(base, context.new_page())
    network = context.new_cdp_session(opened.page)
    network.on("Network.webSocketFrameSent", lambda frame: opened.note(opened.asked, frame, BackMsg, "rerun_script"))
    network.on("Network.webSocketFrameReceived", lambda frame: opened.note(opened.answered, frame, ForwardMsg, "script_finished"))
    network.send("Network.enable")
    yield opened
    context.close()


class Session:
    """A reader without a browser, which would take the processors that the server is to be measured on.

    It speaks what the browser speaks: asks for a page over the websocket and takes every frame until the script is done.
    """

    def __init__(self, base: str) -> None:
        self._link: ClientConnection = connect(
            f"{base.replace('http', 'ws')}/_stcore/stream", subprotocols=["streamlit"], max_size=None, open_timeout=_WAIT
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
