"""A source that can't be read keeps no other from being published, and no promise that rests on its log is kept meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import yaml
from command import promisekept
from scheduler import Scheduler
from world import World, help_desk

from orchestration.run import run_job
from promisekept.errors import LandingError, MachineError
from promisekept.monitoring.conditions import conditions
from promisekept.monitoring.run_status import read_last_run
from promisekept.publishing.fsck import fsck
from promisekept.publishing.reader import open_current
from promisekept.publishing.store import SnapshotStore
from promisekept.sources.extract.chunk_files import Chunk
from promisekept.sources.extract.queried import extract_chunks
from promisekept.sources.landing import batch as landing_of_a_file
from promisekept.sources.landing import file_groups, queried_sources, recording, typed_events
from promisekept.sources.landing.landing_batch import LandingBatch
from promisekept.sources.landing.typed_events import Validated
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow
OF_A_ROW = "Jane Roe, jane@people.invalid"
MONDAY = datetime(2026, 9, 28, 5, tzinfo=UTC)
FINDINGS = "select source, json_extract_string(detail, '$.reason') from marts.fct_findings where finding_code = 'held_back_file'"
STATUS = "select status, reason from marts.fct_control_status where control_id = 'CTL-DEADLINE' and period_grain = 'to_date'"
UNREAD = "select source, unread_since from marts.audit_sources where unread_since is not null"
REQUESTS = "select list(request_id order by request_id) from marts.fct_requests"


@dataclass
class TwoDesks:
    """A help desk that delivers files, and a customer database that is asked; the promise about deadlines rests on both."""

    world: World
    database: Path
    day: datetime = MONDAY

    @property
    def config(self) -> Path:
        return self.world.folder / "promisekept.yml"

    @property
    def ledger(self) -> list[str]:
        return [line.kind for line in Ledger.open(self.world.settings.home).lines()]

    def comes(self, request_id: str) -> None:
        """A request to the help desk, answered in time."""
        self.world.request(request_id, received=self.day - timedelta(days=20)).fulfilled(self.day - timedelta(days=10))
        self.world.deliver()

    def asked(self, request_id: str) -> None:
        """The same at the customer database."""
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(
                "create table if not exists events (event_id, request_id, event_type, right_type, occurred_at, subject_ref, "
                "jurisdiction, channel)"
            )
            events = {"received": self.day - timedelta(days=20), "fulfilled": self.day - timedelta(days=10)}
            for event, at in events.items():
                right, subject, channel = ("access", "C-9", "email") if event == "received" else (None, None, None)
                row = (f"{request_id}-{event}", request_id, event, right, at.isoformat(), subject, "IE", channel)
                connection.execute("insert into events values (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def run(self):
        """The run of a day, in this process."""
        self.day += timedelta(days=1)
        return run_job(self.config, as_of=self.day.isoformat(), now=self.day.isoformat(), wait=0)

    def published(self, query: str) -> list[tuple[object, ...]]:
        with open_current(self.world.settings.home) as snapshot:
            return snapshot.cursor().execute(query).fetchall()


@pytest.fixture
def desks(tmp_path, monkeypatch):
    """Published once, with one request at each."""
    desks = TwoDesks(World(tmp_path / "world"), tmp_path / "crm.sqlite")
    monkeypatch.setenv("CRM_URL", f"sqlite:///{desks.database}")
    asked = {"query": "select * from events", "cursor": "event_id", "chunk_rows": 3}
    reader = {"kind": "sql", "url_env": "CRM_URL", "retries": 0} | asked
    desks.world.configure(help_desk("helpdesk", "requests"), help_desk("crm", "none") | {"reader": reader})
    desks.comes("r1")
    desks.asked("c1")
    assert desks.run().unread == ()
    assert desks.published(REQUESTS) == [(["c1", "r1"],)]
    return desks


def test_the_others_are_published_until_it_is_back(desks, monkeypatch):
    kept = desks.published(STATUS)
    assert kept[0][0] == "met"

    monkeypatch.setenv("CRM_URL", f"sqlite:///{desks.database.parent}/away/crm.sqlite")
    desks.comes("r2")
    outcome = desks.run()
    assert outcome.published
    assert len(outcome.unread) == 1
    assert outcome.unread[0].startswith("sources.crm.reader: no connection")
    assert desks.published(REQUESTS) == [(["c1", "r1", "r2"],)]
    assert desks.published(FINDINGS) == [("crm", "source_not_read")]
    assert desks.published(UNREAD) == [("crm", desks.day)]
    status, reason = desks.published(STATUS)[0]
    assert status != "met", reason
    assert "`crm` could not be read." in {one.says for one in conditions(desks.world.settings, desks.day, None) if one.is_bad}
    assert read_last_run(desks.world.settings.home).outcome == "published"
    assert fsck(desks.world.settings.home) == []

    lines = desks.ledger
    assert desks.run().unread == outcome.unread
    assert desks.ledger.count("held_back") == lines.count("held_back") == 1, "each run tries again, and records no second line"

    monkeypatch.setenv("CRM_URL", f"sqlite:///{desks.database}")
    assert desks.run().unread == ()
    assert desks.ledger[-2:] == ["source_read", "snapshot"], "the source had nothing new, so that nothing else shows it"
    assert desks.published(FINDINGS) == []
    assert desks.published(UNREAD) == []
    assert desks.published(STATUS)[0][0] == "met"
    before = desks.ledger
    desks.asked("c2")
    desks.run()
    assert desks.published(REQUESTS) == [(["c1", "c2", "r1", "r2"],)]
    assert desks.ledger.count("source_read") == before.count("source_read") == 1


def test_a_part_of_it_is_not_all_of_it(desks, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setenv("CRM_URL", f"sqlite:///{desks.database.parent}/away/crm.sqlite")
        desks.run()
    began = desks.day

    @contextmanager
    def cut_off(*arguments: object) -> Iterator[Iterator[Chunk]]:
        with extract_chunks(*arguments) as chunks:
            yield broken(chunks)

    def broken(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        yield next(chunks)
        raise LandingError("sources.crm.reader: the connection broke.\n  Run again.")

    desks.asked("c2")
    desks.asked("c3")
    with monkeypatch.context() as patched:
        patched.setattr(queried_sources, "extract_chunks", cut_off)
        assert desks.run().unread == ("sources.crm.reader: the connection broke.\n  Run again.",)
    assert desks.published(REQUESTS) == [(["c1", "c2", "r1"],)]
    assert desks.published(UNREAD) == [("crm", began)]
    assert desks.published(FINDINGS) == [("crm", "source_not_read")]
    assert desks.published(STATUS)[0][0] != "met"
    assert desks.run().unread == ()
    assert desks.published(REQUESTS) == [(["c1", "c2", "c3", "r1"],)]
    assert desks.published(STATUS)[0][0] == "met"


def test_the_command_publishes_names_it_and_ends_with_2(desks, monkeypatch):
    monkeypatch.setenv("CRM_URL", f"sqlite:///{desks.database.parent}/away/crm.sqlite")
    desks.comes("r2")
    day = (desks.day + timedelta(days=1)).isoformat()
    first = promisekept("run", "--config", desks.config, "--as-of", day, "--format", "json")
    assert (first.code, first.json["published"], len(first.json["unread"])) == (2, True, 1), first.err
    again = promisekept("run", "--config", desks.config, "--as-of", day)
    assert again.code == 2
    assert "Nothing new since snapshot" in again.out
    assert again.err.splitlines()[-3:] == [
        "The run went on without what could not be read:",
        "sources.crm.reader: no connection (sqlite3.OperationalError).",
        "  See whether the database runs and can be reached from here, and whether the credential is right.",
    ]


def test_a_source_that_is_removed_is_awaited_no_more(desks, monkeypatch):
    """A mistyped source would else keep promises from being kept for good."""
    monkeypatch.setenv("CRM_URL", f"sqlite:///{desks.database.parent}/away/crm.sqlite")
    desks.run()
    assert desks.published(FINDINGS) == [("crm", "source_not_read")]
    desks.world.configure()
    assert desks.run().unread == ()
    assert desks.published(FINDINGS) == []
    assert desks.published(STATUS)[0][0] == "met"


def test_where_nothing_has_ever_landed_the_error_is_the_source(tmp_path, monkeypatch):
    desks = TwoDesks(World(tmp_path / "world"), tmp_path / "crm.sqlite")
    monkeypatch.setenv("CRM_URL", f"sqlite:///{tmp_path}/away/crm.sqlite")
    reader = {"kind": "sql", "url_env": "CRM_URL", "query": "select * from events", "cursor": "event_id", "retries": 0}
    desks.world.configure(help_desk("crm", "none") | {"reader": reader})
    with pytest.raises(LandingError, match="no connection"):
        desks.run()


def test_a_source_on_which_the_program_fails_keeps_no_other_from_being_published(desks, monkeypatch, caplog):
    def unforeseen(*_: object) -> None:
        raise KeyError(OF_A_ROW)

    monkeypatch.setattr(queried_sources, "extract_chunks", unforeseen)
    desks.comes("r2")
    outcome = desks.run()
    assert outcome.unread[0].startswith("sources.crm: it could not be read (KeyError).\n  This is a fault of the program.")
    assert desks.published(REQUESTS) == [(["c1", "r1", "r2"],)]
    assert desks.published(UNREAD) == [("crm", desks.day)]
    assert "in unforeseen" in caplog.text
    assert "jane" not in caplog.text


def test_a_control_total_that_can_not_be_read_keeps_nothing_from_being_published(desks):
    configured = yaml.safe_load(desks.config.read_text(encoding="utf-8"))
    configured["sources"][0]["control_total"] = "./counts.csv"
    desks.config.write_text(yaml.safe_dump(configured), encoding="utf-8")
    (desks.world.folder / "counts.csv").write_text("no counts\n", encoding="utf-8")
    desks.comes("r2")
    outcome = desks.run()
    assert outcome.published
    assert "Begin it with  day,count" in outcome.unread[0]
    assert desks.published(REQUESTS) == [(["c1", "r1", "r2"],)]


@pytest.mark.parametrize("error", [duckdb.InternalException, ValueError])
def test_a_file_that_the_program_can_not_land_is_rejected_and_tried_by_the_next_version(error, desks, monkeypatch, caplog):
    """It ended each run, with nothing published, for as long as it lay there."""
    desks.comes("r2")
    desks.comes("r3")
    desks.comes("r4")
    *_, unforeseen, _ = sorted((desks.world.folder / "inbox" / "requests").iterdir())

    def validate(batch: LandingBatch, *, several: bool = False) -> Validated:
        if several or batch.task.file.name == unforeseen.name:
            raise error(OF_A_ROW)
        return typed_events.validate(batch)

    with monkeypatch.context() as patched:
        for module in (file_groups, landing_of_a_file):
            patched.setattr(module, "validate", validate)
        assert desks.run().published
    assert desks.published(REQUESTS) == [(["c1", "r1", "r2", "r4"],)]
    assert desks.published(FINDINGS) == [("helpdesk", "program_fault")]
    assert desks.published(STATUS)[0][0] != "met"
    listed = promisekept("quarantine", "list", "--config", desks.config)
    assert "a fault of the program, not of the file" in listed.out
    assert f"a fault of the program ({error.__name__})" in caplog.text
    assert "in validate" in caplog.text, "whoever mends it needs the trace"
    assert "jane" not in (listed.out + caplog.text).casefold()

    desks.run()
    assert desks.published(FINDINGS) == [("helpdesk", "program_fault")], "the same version would only fail again"
    monkeypatch.setattr("promisekept.__version__", "0.1.1")
    desks.run()
    assert desks.published(FINDINGS) == []
    assert desks.published(REQUESTS) == [(["c1", "r1", "r2", "r3", "r4"],)]


def test_what_is_wrong_with_this_machine_ends_the_run(desks, monkeypatch):
    """It is no doing of a delivery, and the rerun comes to the figures that an undisturbed run comes to."""

    def full(*_: object) -> None:
        raise MachineError("the disk is full")

    monkeypatch.setattr(recording, "write_rows", full)
    desks.comes("r2")
    before = desks.ledger
    with pytest.raises(MachineError, match="the disk is full"):
        desks.run()
    assert desks.ledger == before


def test_dagster_tries_again_and_then_publishes_the_others(desks, monkeypatch):
    monkeypatch.setenv("CRM_URL", f"sqlite:///{desks.database.parent}/away/crm.sqlite")
    desks.comes("r2")
    assert Scheduler(desks.config).ticks("daily_schedule", desks.day + timedelta(days=2))
    assert desks.published(REQUESTS) == [(["c1", "r1", "r2"],)]
    assert desks.published(FINDINGS) == [("crm", "source_not_read")]


def test_a_period_closes_once_every_source_has_been_read(desks, monkeypatch):
    """Its bundles are made once, and would lack what the source has."""
    close, snapshots = datetime(2026, 10, 1, 6, tzinfo=UTC), SnapshotStore(desks.world.settings.home)
    before = len(snapshots.list())
    with monkeypatch.context() as patched:
        patched.setenv("CRM_URL", f"sqlite:///{desks.database.parent}/away/crm.sqlite")
        assert not Scheduler(desks.config).ticks("period_close_schedule", close)
    assert len(snapshots.list()) == before
    assert Scheduler(desks.config).ticks("period_close_schedule", close)
    assert len(snapshots.list()) > before
