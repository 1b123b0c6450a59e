"""Assign, comment, accept and resolve a cause in a real browser, and see it in the next snapshot and in the bundle."""

from __future__ import annotations

import csv
import os
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
from promisekept.publishing.reader import read_current

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PROGRAM = Path(sys.executable).with_name("promisekept")
OURS = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
PERSONAL = "Ask jane@example.org"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, published by this version of the program."""
    return copy_published_demo(tmp_path_factory.mktemp("remedied") / "larkfield", tmp_path_factory)


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
        os.killpg(process.pid, 15)
        process.wait(10)


def current(project: Path) -> Ref:
    record = read_current(project / ".promisekept")
    assert record is not None
    return Ref(str(project / ".promisekept"), str(record["snapshot"]))


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

    month = datetime.now(UTC).strftime("%Y-%m")
    config = f"--config={project / 'promisekept.yml'}"
    subprocess.run([str(PROGRAM), "export", f"--period={month}", config], env=OURS, check=True)
    (table,) = (project / ".promisekept" / "evidence").glob(f"*{month}*/data/tables/fct_remediation_events.csv")
    with table.open(encoding="utf-8-sig", newline="") as lines:
        notes = {row["note"] for row in csv.DictReader(lines) if row["group_key"] == key}
    assert {"Both sides sign the renewal in October", "The renewal is signed"} <= notes
