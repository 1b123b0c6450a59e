"""A run with nothing new builds nothing and reports that; whatever could change what is published is news."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from command import ROOT, promisekept
from receivers import a_hook
from small_snapshots import a_provenance, a_verdict, built_marts, publish_candidate, roll_back
from world import World, help_desk

from expectations import worker
from orchestration import pipeline, unchanged
from orchestration.build_mode import REMEMBER, UNFINISHED
from orchestration.checkpoints import KEEP_DELETED_ROWS
from orchestration.dbt_runner import DATABASE, OUTGOING
from orchestration.definitions import JOB, build_definitions
from orchestration.defs.schedules import run_config
from orchestration.run import run_job
from promisekept.config.source import LOGS
from promisekept.errors import PromisekeptError
from promisekept.monitoring.run_status import read_last_run
from promisekept.policy import keep_pack
from promisekept.publishing.candidate import Candidate, write_candidate
from promisekept.publishing.reader import read_current
from promisekept.sources.zone.ledger import Ledger

LANDED = datetime(2026, 3, 2, 6, tzinfo=UTC)
LATER = LANDED + timedelta(hours=1)
CONTROLS = {
    "fct_control_status": "select 'CTL' as control_id, 'to_date' as period_grain, 'met' as status, 0 as breaches",
}
SEEN = "A delivery of `helpdesk` was due by"


class BuildFollows(PromisekeptError):  # noqa: N818 - no error: the end of what is tested here
    """There is news: the desk's marts are no marts of the models, so that it ends here."""


def _build(*_: object) -> None:
    raise BuildFollows


@dataclass
class Desk:
    """A home whose snapshot was published by the product's own stages, its marts apart: those are two small tables."""

    world: World

    @property
    def home(self) -> Path:
        return self.world.settings.home

    def candidate(self, numerator: int = 9, **provenance: str) -> tuple[pipeline.Build, Candidate]:
        settings, pack = self.world.settings, pipeline.read_pack(self.world.settings)
        keep_pack(pack, self.home, Ledger.open(self.home), LANDED)
        instants = pipeline.fix_instants(settings, None, None)
        build = pipeline.prepare(settings, instants, pack)
        with build.connect() as connection:
            connection.execute(REMEMBER)
        stated = a_provenance(
            self.home, as_of=instants.as_of, known_at=instants.known_at, known_seq=instants.known_seq, **provenance
        )
        return build, write_candidate(built_marts(self.home, numerator=numerator, **CONTROLS), self.home / "snapshots", stated)

    def publish(self, at: datetime = LANDED) -> str:
        build, candidate = self.candidate()
        return pipeline.publish(build, candidate, a_verdict(candidate), at).id

    def run(self, now: datetime = LATER, **asked: datetime | None) -> str | None:
        """The snapshot that stays current; None where a build follows."""
        instants = {name: at.isoformat() for name, at in asked.items()}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "prepare", _build)
            try:
                return run_job(self.world.settings.config, now=now.isoformat(), wait=0, **instants).unchanged
            except BuildFollows:
                return None

    @property
    def current(self) -> str:
        return read_current(self.home)["snapshot"]

    def file(self, name: str) -> Path:
        return self.home / "snapshots" / self.current / name


def landed(folder: Path) -> Desk:
    """A home in which one delivery landed."""
    world = World(folder)
    expected = help_desk("helpdesk", "requests") | {"expect": {"every": "P1D"}, "control_total": "./counts.csv"}
    (folder / "counts.csv").write_text("day,count\n2026-01-05,1\n", encoding="utf-8")
    world.configure(expected)
    world.request("r1", received="2026-01-05")
    world.land(LANDED)
    return Desk(world)


@pytest.fixture
def desk(tmp_path):
    return landed(tmp_path)


@pytest.fixture(scope="module")
def published_once(tmp_path_factory):
    desk = landed(tmp_path_factory.mktemp("published") / "desk")
    desk.publish()
    return desk, shutil.copytree(desk.world.folder, desk.world.folder.with_name("as published"))


@pytest.fixture
def published_desk(published_once):
    """The same home for every test, as it was when its snapshot was published: in another folder it would have other settings."""
    desk, kept = published_once
    shutil.rmtree(desk.world.folder)
    shutil.copytree(kept, desk.world.folder)
    return desk


def test_nothing_new_keeps_the_snapshot_and_adds_nothing_to_the_ledger(published_desk):
    desk, published = published_desk, published_desk.current
    before = Ledger.open(desk.home).head
    assert [desk.run(), desk.run(LATER + timedelta(minutes=1))] == [published, published]
    assert Ledger.open(desk.home).head == before
    run = read_last_run(desk.home)
    assert (run.outcome, run.kind, run.last_success is not None) == ("published", "run", True)
    assert set(run.seconds) == {"land", "prepare", "publish"}


def test_before_anything_was_published_there_is_everything_to_build(desk):
    desk.candidate()
    assert desk.run() is None


def deliver(desk: Desk) -> None:
    desk.world.request("r2", received="2026-01-06")
    desk.world.deliver()


def deliver_what_is_rejected(desk: Desk) -> None:
    (desk.world.folder / "inbox" / "requests" / "other.jsonl").write_bytes(b"\xff\xfe no rows")


def change_the_pack(desk: Desk) -> None:
    file = desk.world.folder / "pack" / "pack.yml"
    file.write_text(file.read_text(encoding="utf-8") + "\n# read again\nadequate_countries: [CH]\n", encoding="utf-8")


def change_a_setting(desk: Desk) -> None:
    desk.world.configure(help_desk("helpdesk", "requests") | {"expect": {"every": "P2D"}, "control_total": "./counts.csv"})


def state_another_total(desk: Desk) -> None:
    (desk.world.folder / "counts.csv").write_text("day,count\n2026-01-05,2\n", encoding="utf-8")


def reject_a_candidate(desk: Desk) -> None:
    build, candidate = desk.candidate(numerator=8)
    assert pipeline.publish(build, candidate, a_verdict(candidate, passed=False), LANDED) is None


def publish_by_another_build(desk: Desk) -> None:
    _, candidate = desk.candidate(code_version="0.1.0+other")
    publish_candidate(desk.home, candidate, a_verdict(candidate), LANDED)


def roll_back_to_it(desk: Desk) -> None:
    roll_back(desk.home, desk.current)


def damage_the_snapshot(desk: Desk) -> None:
    file = desk.file("snapshot.duckdb")
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"?")


def lose_the_snapshot(desk: Desk) -> None:
    shutil.rmtree(desk.file("manifest.json").parent)


def damage_landed_rows(desk: Desk) -> None:
    (file,) = (desk.home / "landing" / "requests").glob("*.parquet")
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"?")


def lose_the_history(desk: Desk) -> None:
    (file,) = (desk.home / "history").glob("*.parquet")
    file.unlink()


def remove_the_warehouse(desk: Desk) -> None:
    (desk.home / DATABASE).unlink()


def remove_the_marts(desk: Desk) -> None:
    (desk.home / OUTGOING).unlink()


def damage_the_warehouse(desk: Desk) -> None:
    (desk.home / DATABASE).write_bytes(b"no database")


def leave_a_build_in_the_middle(desk: Desk) -> None:
    with duckdb.connect(str(desk.home / DATABASE)) as connection:
        connection.execute(UNFINISHED)


def lose_what_is_known_of_files(desk: Desk) -> None:
    with duckdb.connect(str(desk.home / DATABASE)) as connection:
        connection.execute("drop table run.known_files")


NEWS = (
    *(deliver, deliver_what_is_rejected, change_the_pack, change_a_setting, state_another_total, reject_a_candidate),
    *(publish_by_another_build, roll_back_to_it, damage_the_snapshot, lose_the_snapshot, damage_landed_rows, lose_the_history),
    *(remove_the_warehouse, remove_the_marts, damage_the_warehouse, leave_a_build_in_the_middle),
    lose_what_is_known_of_files,
)


@pytest.mark.parametrize("news", NEWS, ids=lambda news: news.__name__)
def test_news_is_built(published_desk, news):
    news(published_desk)
    assert published_desk.run() is None


def test_the_process_of_the_gates_starts_when_the_first_rows_land_and_not_before(published_desk, monkeypatch):
    """It takes seconds to begin, which pass beside landing; a run with nothing new needs none."""
    started = []
    monkeypatch.setattr(worker, "start", lambda: started.append(True))
    settings = published_desk.world.settings
    assert pipeline.land_sources(settings, LATER).landed == ()
    assert started == []
    deliver(published_desk)
    assert pipeline.land_sources(settings, LATER).landed
    assert started == [True]


@pytest.fixture
def hashed(monkeypatch):
    """The files that were hashed since, by their last names."""
    names = []

    def hash_it(file, algorithm, *, digest=hashlib.file_digest):
        names.append(Path(file.name).name)
        return digest(file, algorithm)

    monkeypatch.setattr(hashlib, "file_digest", hash_it)
    return names


def test_files_that_nobody_wrote_to_are_not_read_before_the_next_month(desk, hashed):
    published = desk.publish()
    hashed.clear()
    assert (desk.run(), hashed) == (published, [])
    next_month = datetime(2026, 4, 1, 6, tzinfo=UTC)
    assert desk.run(next_month) == published
    landed = {file.name for file in (desk.home / "landing").rglob("*.parquet")}
    assert set(hashed) >= {"snapshot.duckdb", *landed}
    hashed.clear()
    assert (desk.run(next_month), hashed) == (published, [])


def test_files_of_a_home_that_was_copied_are_read_once(published_desk, hashed):
    desk = published_desk
    assert (desk.run(), "snapshot.duckdb" in hashed) == (desk.current, True)
    hashed.clear()
    assert (desk.run(), hashed) == (desk.current, [])


def test_noting_files_does_not_write_all_tables_anew(published_desk):
    """A connection without the setting would give back the room of deleted rows: seconds, each month."""
    desk, rows = published_desk, 500_000
    with duckdb.connect(str(desk.home / DATABASE), config=KEEP_DELETED_ROWS) as connection:
        connection.execute(f"create table facts as select range as key from range({rows})")
        connection.execute("delete from facts where key % 10 < 6")
    assert desk.run() == desk.current
    with duckdb.connect(str(desk.home / DATABASE), read_only=True) as connection:
        stored = connection.execute("select estimated_size from duckdb_tables() where table_name = 'facts'").fetchall()
    assert stored == [(rows,)]


@pytest.mark.parametrize("name", ["landing/requests/*.parquet", "snapshots/*/snapshot.duckdb", "history/*.parquet"])
def test_a_byte_that_was_changed_is_found_though_size_and_time_of_the_file_are_the_same(desk, name):
    published = desk.publish()
    assert desk.run() == published
    (file,) = desk.home.glob(name)
    whole, before = file.read_bytes(), file.stat()
    file.chmod(0o600)
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert desk.run() is None


def test_landed_rows_that_somebody_wrote_to_during_the_build_are_read_again(desk, hashed):
    build, candidate = desk.candidate()
    (landed,) = (desk.home / "landing" / "requests").glob("*.parquet")
    landed.chmod(0o600)
    landed.write_bytes(landed.read_bytes())
    published = pipeline.publish(build, candidate, a_verdict(candidate), LANDED).id
    hashed.clear()
    assert (desk.run(), landed.name in hashed) == (published, True)


def test_a_build_database_that_can_not_remember_costs_a_build_and_no_publication(desk):
    build, candidate = desk.candidate()
    elsewhere = replace(build, warehouse=desk.home / "gone" / DATABASE)
    assert pipeline.publish(elsewhere, candidate, a_verdict(candidate), LANDED) is not None
    assert desk.run() is None


def test_another_program_is_news(published_desk, monkeypatch):
    monkeypatch.setattr(unchanged, "program_sha256", lambda: "another")
    assert published_desk.run() is None


@pytest.mark.parametrize("instant", ["as_of", "known_at"])
def test_another_instant_is_news_and_the_same_one_is_not(published_desk, instant):
    """A deadline passes, a consent lapses, a source becomes stale: the passage of time is news."""
    assert published_desk.run(**{instant: LANDED}) == published_desk.current
    assert published_desk.run(**{instant: LANDED + timedelta(seconds=1)}) is None


def test_a_control_total_that_can_not_be_read_is_no_news_and_named_by_each_run(published_desk):
    desk = published_desk
    (desk.world.folder / "counts.csv").write_text("no counts\n", encoding="utf-8")
    for _ in range(2):
        outcome = run_job(desk.world.settings.config, now=LATER.isoformat(), wait=0)
        assert outcome.unchanged == desk.current
        assert "Begin it with  day,count" in outcome.unread[0]


def test_what_lands_of_a_database_that_is_asked_is_news_and_nothing_is_none(tmp_path, monkeypatch):
    database = tmp_path / "tickets.sqlite"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("create table events (event_id, request_id, event_type, occurred_at, subject_ref, jurisdiction)")
        connection.execute("insert into events values ('e1', 'r1', 'received', '2026-01-05T09:00:00Z', 'C-1', 'IE')")
    world = World(tmp_path / "world")
    monkeypatch.setenv("TICKETS_URL", f"sqlite:///{database}")
    reader = {"kind": "sql", "url_env": "TICKETS_URL", "query": "select * from events"}
    world.configure(help_desk("helpdesk", "requests") | {"reader": reader})
    world.land(LANDED)
    desk = Desk(world)
    assert desk.publish() == desk.run()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("insert into events values ('e2', 'r2', 'received', '2026-01-06T09:00:00Z', 'C-2', 'IE')")
    assert desk.run(LATER + timedelta(minutes=1)) is None


def test_an_idle_run_notifies_people_of_a_source_that_has_become_stale(desk):
    with a_hook() as hook:
        (desk.world.folder / "hook").write_text(hook.url, encoding="utf-8")
        (desk.world.folder / "hook").chmod(0o400)
        expected = help_desk("helpdesk", "requests") | {"expect": {"every": "P1D"}}
        desk.world.configure(expected, alerts={"webhooks": [{"name": "chat", "url_file": "hook"}]})
        desk.world.land(LANDED)
        published = desk.publish()
        assert desk.run() == published
        assert not [alert for alert in hook.alerts if alert["kind"] == "freshness"]
        assert desk.run(LANDED + timedelta(days=2)) == published
        (alert,) = [alert for alert in hook.alerts if alert["kind"] == "freshness"]
    assert SEEN in str(alert)


def test_an_idle_run_purges_what_has_fallen_out_of_retention_since(desk):
    expected = help_desk("helpdesk", "requests")
    desk.world.configure(expected, retention={"snapshots": {"daily": 1, "period_close": "P1Y"}})
    desk.world.land(LANDED)
    first = desk.publish()
    deliver(desk)
    desk.world.land(LANDED + timedelta(days=31))
    second = desk.publish()
    assert desk.run(LANDED + timedelta(days=32)) == second
    assert (desk.home / "snapshots" / first).is_dir()
    much_later = LANDED + timedelta(days=400)
    assert desk.run(much_later) == second
    assert not (desk.home / "snapshots" / first).exists()
    assert desk.run(much_later + timedelta(hours=2)) == second, "a purge of snapshots is no news"


LOADED = """
import sys
from pathlib import Path
from expectations import worker
from orchestration.run import run_job
outcome = run_job(Path(sys.argv[1]))
print(outcome.unchanged, sorted({"dbt", "dagster_dbt", "great_expectations"} & set(sys.modules)), worker._started)
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A home that the whole product published from."""
    world = World(tmp_path_factory.mktemp("whole") / "world")
    world.request("r1", received="2026-01-05")
    world.deliver()
    said = promisekept("run", "--config", world.folder)
    assert said.code == 0, said.err
    return world, said.out.split()[-1]


@pytest.mark.slow
def test_an_idle_run_says_so_and_begins_neither_dbt_nor_great_expectations(whole):
    world, published = whole
    said = promisekept("run", "--config", world.folder)
    assert (said.code, said.out.splitlines()[-1]) == (0, f"Nothing new since snapshot {published}: nothing was built.")
    command = [sys.executable, "-c", LOADED, str(world.folder / "promisekept.yml")]
    environment = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{published} [] []\n"


@pytest.mark.slow
def test_dagster_skips_every_step_after_landing_and_reports_no_check_that_did_not_run(whole, tmp_path):
    world, published = whole
    config = world.folder / "promisekept.yml"
    before = Ledger.open(world.settings.home).head
    job = build_definitions(config).resolve_job_def(JOB)
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        run = job.execute_in_process(run_config=run_config(config, console="CRITICAL"), instance=instance)
    assert run.success
    assert {event.asset_key for event in run.get_asset_materialization_events()} == {
        dg.AssetKey(["landing", log]) for log in LOGS
    }
    assert run.get_asset_check_evaluations() == []
    (seen,) = run.asset_observations_for_node("prepared")
    assert (seen.asset_key.to_user_string(), seen.metadata["snapshot"].value) == ("published_snapshot", published)
    assert seen.description == f"Nothing new since snapshot {published}: nothing was built."
    skipped = {event.step_key for event in run.all_events if event.event_type == dg.DagsterEventType.STEP_SKIPPED}
    assert skipped >= {"staging", "marts", "candidate", "publish_verdict", "published_snapshot"}
    assert Ledger.open(world.settings.home).head == before
    assert read_last_run(world.settings.home).outcome == "published"


@pytest.mark.slow
def test_steps_that_somebody_asked_for_are_done_though_nothing_is_new(whole):
    world, _ = whole
    config = world.folder / "promisekept.yml"
    definitions = build_definitions(config)
    job = definitions.resolve_job_def(JOB)
    selection = dg.AssetSelection.assets(["run", "run_instants"]).required_multi_asset_neighbors()
    asked = list(selection.resolve(definitions.get_repository_def().asset_graph))
    with dg.DagsterInstance.ephemeral() as instance:
        run = job.execute_in_process(run_config=run_config(config), instance=instance, asset_selection=asked)
    assert dg.AssetKey(["run", "run_instants"]) in {event.asset_key for event in run.get_asset_materialization_events()}
