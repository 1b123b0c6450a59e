"""`promisekept dashboard` as a process that somebody else starts and ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import answering, free_port

from promisekept.project.scaffold import scaffold


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_dashboard_that_is_ended_leaves_no_server_behind(home: Path, tmp_path: Path, number: signal.Signals):
    """A supervisor ends the process that it started; Streamlit once went on alone, and held the port."""
    scaffold(tmp_path / "project", organisation="Example Ltd", country="IE", time_zone="Europe/Dublin")
    config = tmp_path / "project" / "promisekept.yml"
    config.write_text(config.read_text(encoding="utf-8").replace("home: ./.promisekept", f"home: {home}"), encoding="utf-8")
    port = free_port()
    program = Path(sys.executable).with_name("promisekept")
    process = subprocess.Popen(
        [str(program), "dashboard", "--config", str(config), "--port", str(port), "--headless"], stderr=subprocess.DEVNULL
    )
    try:
        answering(f"http://127.0.0.1:{port}")
        process.send_signal(number)
        assert process.wait(30) == 0
    finally:
        process.kill()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was just closed is free, what listens is not
        taken.bind(("127.0.0.1", port))
