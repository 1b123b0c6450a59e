"""The dashboard behind the proxy of docs/deploy, over TLS, in a real browser: every page works, and may do nothing else."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
from browsing import free_port
from playwright.sync_api import Page, expect
from provider import Provider
from signed import settled, sign_in, signed_in_dashboard

from dashboards.page import PAGES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed (Debian: apt-get install caddy)"),
]
DOCS = Path(__file__).resolve().parents[2] / "docs"
CADDYFILE, OPERATE = DOCS / "deploy" / "Caddyfile", DOCS / "operate.md"
TITLES = [title for members in PAGES.values() for _, title, _, _ in members]


@pytest.fixture(scope="module")
def opened_at(home: Path, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin under which people open the dashboard: the shipped Caddyfile, with ports of its own and its own authority."""
    folder = tmp_path_factory.mktemp("proxy")
    inside, outside = free_port(), free_port()
    text = CADDYFILE.read_text(encoding="utf-8")
    own = f"admin off\n\tskip_install_trust\n\thttp_port {free_port()}\n\thttps_port {outside}\n"
    for shipped, here in [("admin 127.0.0.1:2019\n", own), ("dashboard:8501", f"127.0.0.1:{inside}")]:
        assert shipped in text
        text = text.replace(shipped, here)
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    origin = f"https://localhost:{outside}"
    with signed_in_dashboard(folder / "project", home, provider, inside, origin):
        alone = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        caddy = subprocess.Popen(
            ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"],
            env=os.environ | alone,
            stderr=subprocess.DEVNULL,
        )
        try:
            reachable(f"{origin}/_stcore/health")
            yield origin
        finally:
            caddy.terminate()
            caddy.wait(10)


def reachable(url: str) -> None:
    for _ in range(120):
        try:
            answered(url)
            return
        except OSError:
            time.sleep(0.25)
    pytest.fail(f"{url}: nobody answered for half a minute")


def answered(url: str) -> tuple[int, Message]:
    """Status and headers; who signed the certificate is Caddy's own affair here."""
    try:
        with urllib.request.urlopen(url, timeout=10, context=ssl._create_unverified_context()) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers


@pytest.mark.parametrize("path", ["/", "/requests", "/_stcore/health", "/app/static/mark.svg"])
def test_whatever_comes_through_the_proxy_says_what_a_browser_may_do_with_it(opened_at: str, path: str) -> None:
    status, headers = answered(opened_at + path)
    assert status == 200
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"script-src[^;]*(unsafe|\*|https?:)", policy)
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Server"] is None
    assert all("; Secure" in cookie for cookie in headers.get_all("Set-Cookie", []))


def test_nginx_is_told_the_same_as_caddy(opened_at: str) -> None:
    shown = dict(re.findall(r'add_header (\S+) "?(.+?)"? always;', OPERATE.read_text(encoding="utf-8")))
    headers = answered(opened_at)[1]
    assert shown == {name: headers[name] for name in shown}
    assert len(shown) == 5


def test_the_proxy_gives_out_no_metrics(opened_at: str) -> None:
    assert answered(f"{opened_at}/_stcore/metrics")[0] == 404


def test_every_page_works_under_the_policy_and_offends_against_none_of_it(
    opened_at: str, window: Page, provider: Provider
) -> None:
    said: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    sign_in(window, opened_at, provider, ["privacy"])
    assert all(cookie["secure"] for cookie in window.context.cookies() if cookie["domain"] == "localhost")
    drawn = 0
    for title in TITLES:
        window.locator("[data-testid=stSidebar]").get_by_role("link", name=title).click()
        expect(window.locator("h1")).to_have_text(title)
        settled(window)
        expect(window.locator("[data-testid=stException]")).to_have_count(0)
        drawn += window.locator("[data-testid=stVegaLiteChart] :is(svg, canvas)").count()
    assert drawn > 0
    window.keyboard.press("/")  # the script that listens to it is a file of ours
    expect(window.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    assert window.evaluate("document.fonts.check('14px Inter')")
    assert [text for text in said if "Content Security Policy" in text] == []
