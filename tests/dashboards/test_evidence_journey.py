"""Give the auditor the quarter: in a real browser, on the fictional organisation with its keys and its landing zone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Reader
from playwright.sync_api import expect
from published_demo import copy_published_demo

from promisekept.evidence.scope import Scope, read_period
from promisekept.evidence.verifying import verify
from promisekept.publishing import export_log
from promisekept.publishing.reader import read_current

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OURS = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, published by this version of the program."""
    return copy_published_demo(tmp_path_factory.mktemp("journey") / "larkfield", tmp_path_factory)


@pytest.fixture(scope="module")
def base(project: Path) -> Iterator[str]:
    """The dashboard as `promisekept dashboard` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("promisekept")
    process = subprocess.Popen(
        [str(program), "dashboard", "--config", str(project / "promisekept.yml"), "--port", str(port), "--headless"],
        env=OURS,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.25)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


@pytest.fixture(scope="module")
def scope(project: Path) -> Scope:
    """What the auditor is given."""
    record = read_current(project / ".promisekept")
    assert record is not None
    return Scope(record["snapshot"], read_period("2026-Q3"), "auditor")


@pytest.fixture(scope="module")
def bundle(project: Path, scope: Scope) -> Path:
    """The same, built at the command line; where it is there already, it stays as it is."""
    program = Path(sys.executable).with_name("promisekept")
    subprocess.run([str(program), "export", "--period=2026-Q3", f"--config={project / 'promisekept.yml'}"], env=OURS, check=True)
    return project / ".promisekept" / "evidence" / scope.name


def test_the_auditor_is_given_the_quarter_in_three_clicks(
    reader: Reader,
    project: Path,
    scope: Scope,
    tmp_path: Path,
) -> None:
    home, page = project / ".promisekept", reader.open("/")
    page.get_by_role("link", name="Evidence").click()
    page.get_by_role("button", name="Build bundle").click()
    page.wait_for_url(f"**bundle={scope.name}**", timeout=300_000)
    reader.settle()
    built = export_log.entries(home)[-1].export
    assert (built.kind, built.content, built.role, built.period) == ("bundle", scope.name, "local", "2026-Q3")
    with page.expect_download(timeout=120_000) as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert download.value.suggested_filename == f"{scope.name}.zip"
    file = tmp_path / f"{scope.name}.zip"
    download.value.save_as(file)
    assert verify(file, expected=built.fingerprint).is_sound
    told = export_log.entries(home)[-1].export
    assert (told.kind, told.content, told.fingerprint, told.rows) == ("download", scope.name, built.fingerprint, built.rows)


def test_a_link_to_the_bundle_opens_it_and_our_verifier_says_that_it_is_whole(
    reader: Reader,
    bundle: Path,
) -> None:
    page = reader.open(f"/evidence?bundle={bundle.name}")
    expect(page.locator("[data-testid=stMain]")).to_contain_text(verify(bundle).fingerprint, timeout=60_000)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("Every file is as stated")).to_be_visible(timeout=120_000)
    reader.settle()
    expect(page.locator("[data-testid=stMain]")).to_contain_text("Verified")
    (bundle / "data" / "stray.csv").write_text("a\n", encoding="utf-8")
    try:
        page.get_by_role("button", name="Verify").click()
        expect(page.get_by_text("The verifier rejects it.")).to_be_visible(timeout=120_000)
        expect(page.locator("[data-testid=stMain]")).to_contain_text("data/stray.csv")
    finally:
        (bundle / "data" / "stray.csv").unlink()
