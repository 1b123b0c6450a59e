"""What an officer does in a real browser on the fictional organisation, with its keys and its landing zone.

They give the auditor the quarter; they assign, comment, accept and resolve a cause and see it in the next snapshot and bundle.
"""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browsing import Reader, answering, free_port, lacking, select_row
from playwright.sync_api import Locator, expect
from published_demo import copy_published_demo

from dashboards.data import query
from dashboards.snapshots import Ref
from promisekept.evidence.scope import Scope, read_period
from promisekept.evidence.verifying import verify
from promisekept.publishing import export_log
from promisekept.publishing.reader import read_current

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PROGRAM = Path(sys.executable).with_name("promisekept")
OURS = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
PERSONAL = "Ask jane@example.org"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, published by this version of the program."""
    return copy_published_demo(tmp_path_factory.mktemp("journey") / "larkfield", tmp_path_factory)


@pytest.fixture(scope="module")
def base(project: Path) -> Iterator[str]:
    """The dashboard as `promisekept dashboard` starts it."""
    port = free_port()
    command = [str(PROGRAM), "dashboard", "--config", str(project / "promisekept.yml"), "--port", str(port), "--headless"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=OURS, start_new_session=True, **quiet)
    try:
        answering(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


def current(project: Path) -> Ref:
    record = read_current(project / ".promisekept")
    assert record is not None
    return Ref(str(project / ".promisekept"), str(record["snapshot"]))


@pytest.fixture(scope="module")
def scope(project: Path) -> Scope:
    """What the auditor is given."""
    return Scope(current(project).id, read_period("2026-Q3"), "auditor")


@pytest.fixture
def bundle(project: Path, scope: Scope) -> Path:
    """The same, built at the command line where no other test has built it in the browser."""
    folder = project / ".promisekept" / "evidence" / scope.name
    if not folder.exists():
        subprocess.run(
            [str(PROGRAM), "export", "--period=2026-Q3", f"--config={project / 'promisekept.yml'}"], env=OURS, check=True
        )
    return folder


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
    entry = export_log.entries(home)[-1].export
    assert (entry.kind, entry.content, entry.fingerprint, entry.rows) == ("download", scope.name, built.fingerprint, built.rows)


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


def state(project: Path, key: str) -> str:
    return str(
        query.first(current(project), "select state from marts.fct_remediations where group_key = $key", {"key": key})["state"]
    )


def test_a_cause_is_assigned_commented_accepted_and_resolved_and_the_next_snapshot_and_bundle_have_it(
    reader: Reader, project: Path, tmp_path: Path
) -> None:
    clicks = 0

    def click(place: Locator) -> None:
        nonlocal clicks
        clicks += 1
        place.click()
        reader.settle()

    page = reader.open("/findings?q=no_agreement")
    select_row(reader, page.locator("[data-testid=stDataFrame]").first)
    clicks += 1
    page.wait_for_url("**group=**")
    key = page.url.rpartition("group=")[2]
    was = state(project, key)
    until = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y%m%d")

    def act(name: str) -> Locator:
        click(page.get_by_role("dialog").get_by_role("button", name=name, exact=True))
        page.wait_for_timeout(500)
        return page.get_by_role("dialog")

    dialog = act("Assign")
    page.keyboard.type("Legal")  # the first field has the focus
    page.keyboard.press("Enter")
    reader.settle()
    click(dialog.get_by_role("button", name="Assign to Legal"))

    dialog = act("Comment")
    expect(dialog.get_by_role("textbox", name="Comment")).to_be_focused()
    page.keyboard.type(PERSONAL)
    page.keyboard.press("Control+Enter")
    click(dialog.get_by_role("button", name="Record the comment"))
    expect(page.get_by_role("dialog")).to_contain_text("Nothing was recorded")
    clicks -= 1  # the mistake is not part of the way
    dialog.get_by_role("textbox", name="Comment").fill("Draft renewal sent to the provider")
    page.keyboard.press("Control+Enter")
    reader.settle()
    click(dialog.get_by_role("button", name="Record the comment"))

    dialog = act("Accept")
    assert lacking(reader) == []
    page.keyboard.type("Both sides sign the renewal in October")
    page.keyboard.press("Tab")
    page.keyboard.type(until)
    click(dialog.get_by_text("My role allows me to accept this risk"))
    click(dialog.get_by_role("button", name="Accept 211"))

    dialog = act("Resolve")
    page.keyboard.type("The renewal is signed")
    page.keyboard.press("Control+Enter")
    reader.settle()
    click(dialog.get_by_role("button", name="Resolve 211"))
    assert clicks == 10
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("Recorded, in the next snapshot")).to_have_count(4)
    page.wait_for_timeout(500)  # until it has slid in: axe measures contrast as drawn
    assert lacking(reader) == []
    assert state(project, key) == was  # pending stands beside the state and never replaces it

    subprocess.run([str(PROGRAM), "run", f"--config={project / 'promisekept.yml'}"], env=OURS, check=True)
    assert state(project, key) == "resolved"
    page = reader.open(f"/findings?state=resolved&group={key}")
    drawer = page.get_by_role("dialog")
    for said in (
        "Resolved",
        "“The renewal is signed”",
        "Accepted until",
        "Assigned to Legal",
        "“Draft renewal sent to the provider”",
    ):
        expect(drawer).to_contain_text(said)
    assert drawer.get_by_text("Recorded, in the next snapshot").count() == 0

    acts = "select max(occurred_date) as day from marts.fct_remediation_events where group_key = $key"
    month = f"{query.first(current(project), acts, {'key': key})['day']:%Y-%m}"
    config = f"--config={project / 'promisekept.yml'}"
    subprocess.run([str(PROGRAM), "export", f"--period={month}", config], env=OURS, check=True)
    (table,) = (project / ".promisekept" / "evidence").glob(f"*{month}*/data/tables/fct_remediation_events.csv")
    with table.open(encoding="utf-8-sig", newline="") as lines:
        notes = {row["note"] for row in csv.DictReader(lines) if row["group_key"] == key}
    assert {"Both sides sign the renewal in October", "The renewal is signed"} <= notes
