"""`promisekept dashboard` as a process that somebody else starts and ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import caller
import pytest
from browsing import answering, free_port

from promisekept.project.scaffold import scaffold


@dataclass(frozen=True)
class Dashboard:
    process: subprocess.Popen[bytes]
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def dashboard(home: Path, tmp_path: Path) -> Iterator[Dashboard]:
    scaffold(tmp_path / "project", organisation="Example Ltd", country="IE", time_zone="Europe/Dublin")
    config = tmp_path / "project" / "promisekept.yml"
    config.write_text(config.read_text(encoding="utf-8").replace("home: ./.promisekept", f"home: {home}"), encoding="utf-8")
    port = free_port()
    program = Path(sys.executable).with_name("promisekept")
    process = subprocess.Popen(
        [str(program), "dashboard", "--config", str(config), "--port", str(port), "--headless"], stderr=subprocess.DEVNULL
    )
    started = Dashboard(process, port)
    try:
        answering(started.address)
        yield started
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_dashboard_that_is_ended_leaves_no_server_behind(dashboard: Dashboard, number: signal.Signals):
    """A supervisor ends the process that it started; Streamlit once went on alone, and held the port."""
    dashboard.process.send_signal(number)
    assert dashboard.process.wait(30) == 0
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was just closed is free, what listens is not
        taken.bind(("127.0.0.1", dashboard.port))


def test_a_reader_lets_no_source_file_be_watched(dashboard: Dashboard):
    """For each session Streamlit looked up where modules lie: three quarters of a first page, which all others waited for."""
    pid = dashboard.process.pid
    (server,) = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    with caller.session(dashboard.address, {}) as session:
        session.open("requests")
        session.open("requests")  # what the first run imported was looked up by then
        opened = _opened(int(server))
    assert len(opened) > 1
    assert "anon_inode:inotify" not in opened


def _opened(process: int) -> set[str]:
    found = set()
    for file in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.add(str(file.readlink()))
    return found
