"""Fault 32: upgrade: state of a newer version is rejected with the remedy and not a byte of it changes, and that of an older one
is rebuilt while its published snapshots stay.

No older or newer program is at hand, so state of another version is made by this one with the markers changed: the version that
snapshots state in the ledger and by which build databases are recognised, kinds of ledger lines, and the format of alerts.json.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aftermath import published_marts, require_a_sentence, require_sound
from command import promisekept
from forked import Command, end, start
from world import World

from orchestration import pipeline
from promisekept.publishing.last_good import find_shown
from promisekept.publishing.reader import open_current, open_snapshot
from promisekept.sources.zone import ledger as ledgers
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow

AS_OF = "2026-05-01T00:00:00Z"
OLD = "0.0.9+000000000000"
WRITING = (
    ("run",),
    ("export", "--period", "2026-03", "--out"),
    ("quarantine", "retry"),
    ("reland", "--source", "helpdesk", "--reason", "tried"),
    ("snapshots", "rollback"),
    ("restore",),
    ("keys", "rotate", "--reason", "tried"),
)


@dataclass(frozen=True)
class Old:
    """An organisation as an older version published it, and the same with the run of this version after it."""

    folder: Path
    since: Path


def populated(folder: Path) -> World:
    world = World(folder)
    (folder / "keys" / "pseudonym.key").write_text("cd" * 32, encoding="ascii")
    for number in range(6):
        request = world.request(f"r{number}", received=f"2026-03-{number + 10}")
        if number % 3:
            request.fulfilled(f"2026-04-{number + 1:02d}")
    world.deliver()
    return world


def be_older() -> None:
    pipeline.code_version = lambda: OLD


@pytest.fixture(scope="module")
def old(tmp_path_factory) -> Old:
    folder = populated(tmp_path_factory.mktemp("old") / "project").folder
    said = folder / "said"
    run = Command(("run", "--config", str(folder), "--as-of", AS_OF), folder, os.environ.copy(), 0o022, said, said, be_older)
    assert end(start(run), 300) == 0, said.read_text(encoding="utf-8")
    since = shutil.copytree(folder, folder.with_name("since"))
    done = promisekept("run", "--config", since, "--as-of", AS_OF)
    assert done.code == 0, done.err
    return Old(folder, since)


def contents(home: Path) -> dict[str, str]:
    """Every file below home but the lock, which names its last holder, the log of errors and dbt's cache of parsed models."""
    files = [path for path in home.rglob("*") if path.is_file() and path.name != ".writer"]
    named = {path.relative_to(home).as_posix(): path for path in files}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in named.items()
        if not name.startswith(("logs/", "dbt/"))
    }


def by_a_newer_version(home: Path, marker: str, monkeypatch) -> None:
    """A line as the next minor version may write it."""
    ledger = Ledger.open(home)
    monkeypatch.setattr(ledgers, "KINDS", ledgers.KINDS | {"transfer"})
    last = next(ledger.lines("snapshot")).body
    kind, body = ("transfer", {"to": "x"}) if marker == "kind" else ("snapshot", {**last, "code_version": "0.2.0+abcdef012345"})
    ledger.append(kind, body, datetime.now(UTC), "0" * 64)
    monkeypatch.undo()  # from here on it is the line of another version


@pytest.mark.parametrize(
    ("marker", "named", "commands"), [("kind", "`transfer`", WRITING), ("code_version", "0.2.0+abcdef012345", WRITING[:1])]
)
def test_32_state_of_a_newer_version_is_rejected_by_every_command_that_writes_and_stays_as_it_is(
    old, tmp_path, monkeypatch, marker, named, commands
):
    shutil.copytree(old.folder, tmp_path / "project")
    home = tmp_path / "project" / ".promisekept"
    by_a_newer_version(home, marker, monkeypatch)
    before = contents(home)
    for command in commands:
        extra = {"--out": [tmp_path / "out"], "rollback": [find_shown(home).id]}.get(command[-1], [])
        done = promisekept(*command, *extra, "--config", tmp_path / "project")
        assert (done.code, named in done.err, "newer version" in done.err) == (2, True, True), (command, done.out + done.err)
        require_a_sentence(done)
        assert contents(home) == before, command
    assert list((tmp_path / "out").rglob("*")) == []
    done = promisekept("fsck", "--config", tmp_path / "project")
    assert (done.code, named in done.out, "newer version" in done.out) == (1, True, True), done.out
    assert find_shown(home).id.startswith("0001-")


def test_32_alerts_of_a_newer_format_are_rejected_and_stay_as_they_are(old, tmp_path):
    shutil.copytree(old.folder, tmp_path / "project")
    file = tmp_path / "project" / ".promisekept" / "alerts.json"
    file.write_text('{"version": 2, "since": "2026-01-01T00:00:00+00:00", "rules": []}', encoding="utf-8")
    before = file.read_bytes()
    for command in (("alerts", "list"), ("alerts", "send"), ("metrics",)):
        done = promisekept(*command, "--config", tmp_path / "project")
        assert (done.code, "newer version" in done.err) == (2, True), (command, done.out + done.err)
        assert file.read_bytes() == before


def test_32_state_of_an_older_version_is_computed_anew_and_what_it_published_stays(old):
    was, home = old.folder / ".promisekept", old.since / ".promisekept"
    kept = contents(was)
    immutable = [name for name in kept if name.startswith(("snapshots/", "history/")) or name.endswith(".parquet")]
    assert len(immutable) > 5
    assert {name: contents(home)[name] for name in immutable} == {name: kept[name] for name in immutable}
    assert (home / "landing/ledger.jsonl").read_bytes().startswith((was / "landing/ledger.jsonl").read_bytes())
    with open_current(home) as now, open_snapshot(home, next((was / "snapshots").glob("0001-*")).name) as then:
        assert then.manifest["code_version"] == OLD != now.manifest["code_version"]
    require_sound(home, allowed=())
    assert published_marts(home) == published_marts(was), "the older version computed what this one does"


def test_32_a_bundle_of_what_an_older_version_published_is_left_to_that_version(old, tmp_path):
    snapshot = next((old.since / ".promisekept" / "snapshots").glob("0001-*")).name
    arguments = ["--period", "2026-03", "--snapshot", snapshot, "--out", tmp_path / "out", "--config", old.since]
    done = promisekept("export", *arguments)
    assert (done.code, OLD in done.err, list((tmp_path / "out").glob("*"))) == (2, True, []), done.err
