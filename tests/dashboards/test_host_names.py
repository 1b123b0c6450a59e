"""The dashboard gives a session under its own names alone: a page whose name was made to lead here (DNS rebinding) gets none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import answering, free_port

from promisekept.config.dashboard import Dashboard
from promisekept.config.host_names import host_names
from promisekept.config.loading import load_settings
from promisekept.errors import ConfigError
from promisekept.project.scaffold import scaffold

SESSION = (
    "GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n{origin}\r\n"
)
FILE = "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def port(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The dashboard as `promisekept dashboard` starts it for one person."""
    folder = tmp_path_factory.mktemp("hosts") / "project"
    scaffold(folder, organisation="Larkfield", country="US", time_zone="America/New_York")
    (folder / ".promisekept").symlink_to(home)
    chosen = free_port()
    program = Path(sys.executable).with_name("promisekept")
    process = subprocess.Popen(
        [str(program), "dashboard", "--config", str(folder), "--port", str(chosen), "--headless"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        answering(f"http://127.0.0.1:{chosen}")
        yield chosen
    finally:
        os.killpg(process.pid, 15)
        process.wait(10)


def status(port: int, host: str, origin: str = "") -> int:
    """What the server answers to a browser that asks for a session."""
    return answered(port, SESSION.format(host=host, origin=f"Origin: {origin}\r\n" if origin else ""))


def answered(port: int, request: str) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request.encode())
        return int(connection.recv(64).split()[1])


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST"])
def test_a_browser_on_this_machine_gets_a_session(port, host):
    assert status(port, host.format(port=port)) == 101


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "evil.example:{port}",
        "localhost.evil.example",
        "localhost\r\nHost: evil.example",
        "[::1",
        "",
    ],
)
def test_another_name_that_leads_here_gets_none(port, host):
    assert status(port, host.format(port=port)) == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:{port}", "http://127.0.0.1:9", "null", "//"])
def test_a_page_of_another_origin_gets_no_session(port, origin):
    """Streamlit gave one to whatever this machine serves under any port, and asked the network for its own address meanwhile."""
    assert status(port, f"127.0.0.1:{port}", origin.format(port=port)) == 403


def test_a_page_of_its_own_gets_a_session(port):
    assert status(port, f"127.0.0.1:{port}", f"http://127.0.0.1:{port}") == 101


@pytest.mark.parametrize("path", ["/", "/requests", "/app/static/mark.svg", "/media/0.csv", "/_stcore/host-config"])
def test_another_name_that_leads_here_gets_no_file_either(port, path):
    assert answered(port, FILE.format(method="GET", path=path, host=f"127.0.0.1:{port}")) != 403
    assert answered(port, FILE.format(method="GET", path=path, host="evil.example")) == 403


def test_whoever_asks_whether_the_server_lives_needs_no_name_of_it(port):
    assert answered(port, FILE.format(method="GET", path="/_stcore/health", host="10.0.0.7:8501")) == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_stcore/metrics"),
        ("GET", "/_stcore/metrics?families=active_sessions"),
        ("GET", "/_stcore/%6detrics"),
        ("OPTIONS", "/_stcore/metrics"),
        ("PUT", "/_stcore/upload_file/session/file"),
        ("POST", "/_stcore/agent/interact"),
        ("GET", "/_stcore/agent/openapi.json"),
    ],
)
def test_what_no_browser_needs_of_streamlit_is_not_there(port, method, path):
    """Anybody could read from the metrics how many people read, and since when."""
    assert answered(port, FILE.format(method=method, path=path, host=f"127.0.0.1:{port}")) == 404


def signed_in(folder: Path, text: str, mode: int = 0o600) -> Dashboard:
    file = folder / "secrets.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return Dashboard.model_validate({"sign_in": {"secrets": file, "roles": {"viewer": ["staff"]}}})


GOOD = f'[auth]\nredirect_uri = "https://privacy.example.org/oauth2callback"\ncookie_secret = "{"s" * 32}"\n'


def test_who_signs_in_comes_under_the_name_to_which_the_provider_sends_back(tmp_path):
    assert host_names(signed_in(tmp_path, GOOD)) == ("localhost", "127.0.0.1", "::1", "privacy.example.org")


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [
        (GOOD, 0o644, "may be read by others"),
        (GOOD.replace("s" * 32, "s" * 31), 0o600, "shorter than 32 bytes"),
        (GOOD.replace("https://privacy.example.org", ""), 0o600, "no redirect_uri with a host"),
        ("auth = 1", 0o600, "no section"),
        ("[auth", 0o600, "no TOML"),
    ],
)
def test_a_file_of_secrets_that_protects_nobody_is_refused_with_the_remedy(tmp_path, text, mode, message):
    with pytest.raises(ConfigError, match=message) as refused:
        host_names(signed_in(tmp_path, text, mode))
    assert "\n  " in str(refused.value)
    assert "s" * 31 not in str(refused.value)


def test_the_shipped_configuration_of_a_project_serves_this_machine_alone(tmp_path):
    scaffold(tmp_path / "project", organisation="Larkfield", country="US", time_zone="America/New_York")
    assert host_names(load_settings(tmp_path / "project" / "promisekept.yml").dashboard) == ("localhost", "127.0.0.1", "::1")
