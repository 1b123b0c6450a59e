"""Fault 33: restore drill: of landing, ledger and keys alone, every snapshot comes back with its published content hash.

The organisation has all ten logs and was published three times, between which its pack and a threshold changed, so that today's
are not those of the first snapshot.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from all_logs import DIMENSIONS, LOGS, history, source, world_of_all_logs
from command import ROOT
from published import run

from orchestration import pipeline, restoring
from orchestration.restoring import Restored, restore
from promisekept.config.settings import Settings
from promisekept.publishing.fsck import fsck
from promisekept.publishing.publications import RESTORED
from promisekept.publishing.reader import open_current, open_snapshot
from promisekept.publishing.store import SnapshotStore
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow

KEPT = {"landing"}


@dataclass
class Drill:
    """A home before the loss, and what came of restoring it."""

    settings: Settings
    before: dict[str, str]
    figures: list[tuple]
    history: dict[str, bytes]
    done: list[Restored]
    as_it_lay: Path
    lay: set[str]


def figures(home: Path, snapshot: str) -> list[tuple]:
    with open_snapshot(home, snapshot) as reader:
        return reader.cursor().execute("select * from marts.fct_metrics order by all").fetchall()


@pytest.fixture(scope="module")
def drill(tmp_path_factory) -> Drill:
    world = world_of_all_logs(tmp_path_factory.mktemp("drill"))
    rows = history(3, people=10)
    half = len(rows) // 2
    for part, as_of in ((rows[:half], "2026-03-20"), (rows[half:], "2026-04-30")):
        for log in LOGS:
            rows_of_log = [{name: value for name, value in row.items() if name != "log"} for row in part if row["log"] == log]
            world.deliver(rows_of_log, inbox=log)
        run(world, as_of)
        pack = world.folder / "pack" / "purposes.csv"
        pack.write_text(pack.read_text(encoding="utf-8").replace(",24,", ",48,"), encoding="utf-8")
        world.configure(*map(source, LOGS), thresholds={"due_soon_days": 9, "erasure_grace_days": 20}, dimensions=DIMENSIONS)
    home = world.settings.home
    before = {snapshot.id: snapshot.content_hash for snapshot in SnapshotStore(home).list()}
    computed = figures(home, next(iter(before)))
    kept = {file.name: file.read_bytes() for file in (home / "history").iterdir()}
    lay = {path.name for path in home.iterdir()}
    for path in home.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    as_it_lay = home.with_name("as it lay")
    shutil.copytree(home, as_it_lay)
    done = restore(world.settings, world.instant("2026-05-02"), lambda _: None)
    return Drill(world.settings, before, computed, kept, done, as_it_lay, lay)


def test_every_snapshot_is_back_with_its_published_content_hash(drill):
    assert len(drill.before) == 2
    assert {one.id: one.content_hash for one in drill.done if one.back} == drill.before
    for snapshot in SnapshotStore(drill.settings.home).list():
        assert snapshot.manifest["content_hash"] == drill.before[snapshot.id]
    assert figures(drill.settings.home, next(iter(drill.before))) == drill.figures


def test_the_history_is_back_byte_for_byte_and_everything_is_sound(drill):
    home = drill.settings.home
    assert {file.name: file.read_bytes() for file in (home / "history").iterdir()} == drill.history
    assert fsck(home) == []
    with open_current(home) as reader:
        assert reader.id == next(iter(drill.before))
    assert [line.body["id"] for line in Ledger.open(home).lines(RESTORED)] == sorted(drill.before)


def test_nothing_is_lost_any_more_so_nothing_is_built_a_second_time(drill):
    size = Ledger.open(drill.settings.home).seq
    assert restore(drill.settings, Ledger.open(drill.settings.home).line(size).at, lambda _: None) == []
    assert Ledger.open(drill.settings.home).seq == size


def test_the_page_says_of_everything_that_lay_below_home_what_to_do_when_it_is_lost(drill):
    page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    table = page.split("## Back up and recover")[1].split("\n## ")[0]
    lost = {
        name.split("/")[0]
        for row in table.splitlines()
        if row.startswith("| ")
        for name in re.findall(r"`([^`]+)`", row.split("|")[1])
    }
    assert {name for name in drill.lay if not name.startswith(".")} <= lost
    assert "promisekept restore" in table


NEWER = "9.9.9+0123456789ab"


def restored(drill: Drill, home: Path, **options: str) -> list[Restored]:
    ledger = Ledger.open(home)
    return restore(drill.settings.model_copy(update={"home": home}), ledger.line(ledger.seq).at, lambda _: None, **options)


def be_a_newer_version(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (pipeline, restoring):
        monkeypatch.setattr(module, "code_version", lambda: NEWER)


def without_the_last_one(drill: Drill, home: Path) -> str:
    """A copy of the restored home that has lost its last snapshot, whose name it returns."""
    shutil.copytree(drill.settings.home, home)
    last = max(drill.before)
    shutil.rmtree(home / "snapshots" / last)
    return last


def test_a_newer_version_that_computes_the_same_puts_everything_back_and_says_which_hashes_are_its_own(
    drill, tmp_path, monkeypatch
):
    home = tmp_path / "home"
    shutil.copytree(drill.as_it_lay, home)
    be_a_newer_version(monkeypatch)
    done = restored(drill, home)
    assert {one.id: one.content_hash for one in done if one.back} == drill.before
    published = next(Ledger.open(home).lines("snapshot")).body["code_version"]
    for one in done:
        assert f"code_version was {published}, is {NEWER}" in one.says
        assert "to the last one. Its file, the gate's record and the manifest have hashes of their own" in one.says
    assert {line.body["rebuilt"]["code_version"] for line in Ledger.open(home).lines(RESTORED)} == {NEWER}
    for snapshot in SnapshotStore(home).list():
        assert (snapshot.manifest["code_version"], snapshot.manifest["rebuilt"]["code_version"]) == (published, NEWER)
    assert {file.name: file.read_bytes() for file in (home / "history").iterdir()} == drill.history
    assert fsck(home) == []


def test_a_newer_version_with_one_more_column_puts_nothing_back_and_names_the_version_that_can(drill, tmp_path, monkeypatch):
    """No figure is another one, and still it is not what was published: it would stand under a hash that it does not have."""
    transform = pipeline.transform

    def with_one_more_column(build):
        done = transform(build)
        with duckdb.connect(str(build.outgoing)) as connection:
            connection.execute("alter table marts.dim_metrics add column colour varchar")
        return done

    monkeypatch.setattr(pipeline, "transform", with_one_more_column)
    be_a_newer_version(monkeypatch)
    home = tmp_path / "home"
    lost = without_the_last_one(drill, home)
    (done,) = restored(drill, home)
    published = next(Ledger.open(home).lines("snapshot")).body["code_version"]
    assert (done.id, done.back) == (lost, False)
    assert "built again it has another content" in done.says
    assert f"code_version was {published}, is {NEWER}" in done.says
    assert "covers every row of every mart" in done.says
    assert f"by the version that published it, 0.1.0 (code {published})" in done.says
    assert len(list(Ledger.open(home).lines(RESTORED))) == len(drill.before), "nothing beside what the drill restored"


def test_what_is_said_of_a_pack_that_is_gone_names_it(drill, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(drill.as_it_lay, home)
    for pack in (home / "landing" / "packs").iterdir():
        pack.unlink()
    done = restored(drill, home, give_up_for="the packs are gone")
    assert [one.back for one in done] == [False, False]
    assert "the pack of" in done[0].says
    assert "The pack in force is another one" in done[0].says
    retired = [(line.body["id"], line.body["reason"]) for line in Ledger.open(home).lines("retired")]
    assert retired == [(one.id, "the packs are gone") for one in done]
