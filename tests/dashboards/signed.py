"""The dashboard as `promisekept dashboard` starts it for an organisation whose people sign in with a provider."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from browsing import answering
from playwright.sync_api import Page, expect
from provider import CLIENT, Provider

from promisekept.project.scaffold import scaffold

ROLES = {"viewer": ["staff"], "auditor": ["audit"], "officer": ["privacy"], "admin": ["platform"]}
"""Role -> the groups that give it."""


@contextmanager
def signed_in_dashboard(folder: Path, home: Path, provider: Provider, port: int, opened_at: str = "") -> Iterator[str]:
    """Serve a copy of `home` until the block ends.

    Args:
        folder: where the project is written.
        home: of a published snapshot.
        provider: the identity provider.
        port: where the dashboard listens.
        opened_at: the origin under which people open it, where that is a proxy's.

    Yields:
        The origin of the dashboard itself.
    """
    base = f"http://127.0.0.1:{port}"
    scaffold(folder, organisation="Larkfield", country="US", time_zone="America/New_York")
    (folder / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "{opened_at or base}/oauth2callback"\ncookie_secret = "{"only-for-this-test" * 2}"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "only-for-this-test"\n'
        f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n',
        encoding="utf-8",
    )
    (folder / "secrets.toml").chmod(0o600)
    config = folder / "promisekept.yml"
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    settings["dashboard"] = {"sign_in": {"secrets": "secrets.toml", "roles": ROLES, "hours": 8}}
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    shutil.copytree(home, folder / ".promisekept", dirs_exist_ok=True)
    program = Path(sys.executable).with_name("promisekept")
    process = subprocess.Popen(
        [str(program), "dashboard", "--config", str(config), "--port", str(port), "--headless"],
        env=os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        answering(base)
        yield base
    finally:
        os.killpg(process.pid, 15)
        process.wait(10)


SETTLED = "[data-test-script-state=notRunning]"


def opened(page: Page, address: str) -> str:
    """The text of a page once it is drawn."""
    page.goto(address)
    return settled(page)


def settled(page: Page) -> str:
    page.wait_for_selector("[data-testid=stHeading]", timeout=90_000)
    page.wait_for_timeout(500)
    page.wait_for_selector(SETTLED, timeout=90_000)
    page.wait_for_timeout(500)
    return page.inner_text("body")


def sign_in(page: Page, base: str, provider: Provider, groups: list[str]) -> str:
    come_back(page, base, provider, groups)
    expect(page.locator("body")).not_to_contain_text("Your organisation decides", timeout=90_000)
    return settled(page)


def come_back(page: Page, base: str, provider: Provider, groups: list[str], age: int = 0) -> None:
    """Be sent to the provider and back, with a token that is `age` seconds old."""
    provider.claims, provider.age = {"email": "ada@example.org", "roles": groups}, age
    opened(page, base)
    with page.expect_navigation(url=f"{base}/", timeout=90_000):
        page.get_by_role("button", name="Sign in").click()
