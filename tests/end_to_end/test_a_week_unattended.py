"""A week that nobody watched: a day without a delivery, a failed gate, a killed process, a bad file, a close, late rows."""

from __future__ import annotations

import json
import shutil
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import duckdb
import pytest
from command import promisekept, signal_when
from receivers import a_hook
from scheduler import Scheduler
from world import World, help_desk

from orchestration import monitoring, pipeline
from orchestration.run import run_job
from promisekept.evidence.verifying import verify
from promisekept.monitoring.run_status import read_last_run
from promisekept.publishing.fsck import fsck
from promisekept.publishing.reader import open_current, read_current
from promisekept.publishing.store import SnapshotStore
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow
DAILY, CLOSE = "daily_schedule", "period_close_schedule"
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = (
    datetime(2026, 9, 28, 5, tzinfo=UTC) + timedelta(days=n) for n in range(6)
)
CLOSING = FRIDAY + timedelta(hours=1)
MIDNIGHT = datetime(2026, 9, 30, 23, tzinfo=UTC)  # the first of October in Dublin


class Week:
    """A help desk and a partner, both expected daily within three hours, and a chat that is notified."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        expected = {"expect": {"every": "P1D", "grace": "PT3H"}}
        desks = [help_desk(name, name) | expected for name in ("helpdesk", "partner")]
        self.world.configure(*desks, alerts={"webhooks": [{"name": "chat", "url_env": "WEEK_HOOK"}]})
        self.config = folder / "promisekept.yml"
        self.home = self.world.settings.home
        self.scheduler = Scheduler(self.config)
        self.said: dict[str, list[str]] = {}

    def comes(self, inbox: str, request_id: str, received: datetime, fulfilled: datetime | None = None) -> None:
        """A file with one request."""
        request = self.world.request(request_id, received=received)
        if fulfilled:
            request.fulfilled(fulfilled)
        self.world.deliver(self.world.events, inbox=inbox)
        self.world.events = []

    def look(self, at: datetime) -> None:
        """What the sensor `watch` does."""
        monitoring.look(self.world.settings, at)

    def killed(self, at: datetime) -> None:
        """The run of a tick, in a process of its own that is killed when it has landed what came."""
        assert promisekept(prepare=partial(run_until_landed, self.config, self.home, at)).code == -signal.SIGKILL


def run_until_landed(config: Path, home: Path, at: datetime) -> None:
    """A run in a process that is killed when the ledger grows."""
    ledger = home / "landing" / "ledger.jsonl"
    before = ledger.stat().st_size
    signal_when(signal.SIGKILL, lambda: ledger.stat().st_size > before)
    run_job(config, as_of=at.isoformat(), now=at.isoformat())


def spoiled(build: pipeline.Build, write=pipeline.write):
    """Somebody's request is gone from the marts when the candidate is written."""
    aside = build.outgoing.with_suffix(".aside")
    shutil.copyfile(build.outgoing, aside)
    with duckdb.connect(str(build.outgoing)) as connection:
        connection.execute("delete from marts.fct_requests where request_id = 'august'")
    try:
        return write(build)
    finally:
        aside.replace(build.outgoing)


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    """The six days, one after the other; the alerts of each day stand in `alerts`, what was published in `snapshots`."""
    week = Week(tmp_path_factory.mktemp("week"))
    with pytest.MonkeyPatch.context() as patched, a_hook() as hook:
        patched.setenv("WEEK_HOOK", hook.url)
        alerts: dict[str, list[tuple[str, str, str]]] = {}
        ended: dict[str, str] = {}

        def after(day: str) -> None:
            already = sum(map(len, alerts.values()))
            alerts[day] = [(alert["kind"], alert["subject"], alert["state"]) for alert in hook.alerts[already:]]
            ended[day] = read_last_run(week.home).outcome

        noon = timedelta(hours=7)
        week.comes("helpdesk", "august", datetime(2026, 8, 3, 9, tzinfo=UTC), datetime(2026, 8, 20, 9, tzinfo=UTC))
        week.comes("partner", "monday", MONDAY - noon)
        week.scheduler.ticks(DAILY, MONDAY)
        after("monday")

        week.comes("helpdesk", "tuesday", TUESDAY - noon)  # and nothing of the partner
        week.scheduler.ticks(DAILY, TUESDAY)
        week.look(TUESDAY + noon)
        week.look(TUESDAY + noon)
        after("tuesday")

        week.comes("helpdesk", "wednesday", WEDNESDAY - noon)
        week.comes("partner", "tuesday of the partner", TUESDAY - noon)  # a day late
        with patch.object(pipeline, "write", spoiled):
            assert not week.scheduler.ticks(DAILY, WEDNESDAY)
        listed = promisekept("snapshots", "list", "--config", week.config).out
        rejected = SimpleNamespace(current=read_current(week.home), shown=_requests(week.home), listed=listed)
        after("wednesday")

        week.comes("helpdesk", "thursday", THURSDAY - noon)
        week.comes("partner", "thursday of the partner", THURSDAY - noon)
        week.killed(THURSDAY)
        week.look(THURSDAY + timedelta(minutes=5))
        after("thursday")

        week.comes("helpdesk", "friday", FRIDAY - noon)
        week.comes("partner", "friday of the partner", FRIDAY - noon)
        week.world.deliver([{"event_id": "x", "salary": 1}], inbox="helpdesk")
        assert week.scheduler.ticks(DAILY, FRIDAY)
        after("friday")
        closed = []
        for _ in ("once", "again"):
            assert week.scheduler.ticks(CLOSE, CLOSING)
            closed.append(SimpleNamespace(bundles=_bundles(week.home), snapshots=SnapshotStore(week.home).list()))
        after("close")

        week.comes("helpdesk", "late", datetime(2026, 8, 10, 9, tzinfo=UTC), datetime(2026, 9, 25, 9, tzinfo=UTC))
        week.comes("partner", "saturday", SATURDAY - noon)
        assert week.scheduler.ticks(DAILY, SATURDAY)
        after("saturday")
        yield SimpleNamespace(home=week.home, world=week.world, alerts=alerts, ended=ended, rejected=rejected, closed=closed)


def _requests(home: Path) -> dict[str, str]:
    with open_current(home) as snapshot:
        return dict(snapshot.cursor().execute("select request_id, status from marts.fct_requests").fetchall())


def _bundles(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "evidence").iterdir() if path.is_dir())


def test_each_day_ended_as_it_did(week):
    assert week.ended == {
        "monday": "published",
        "tuesday": "published",
        "wednesday": "refused",
        "thursday": "killed",
        "friday": "published",
        "close": "published",
        "saturday": "published",
    }


def test_every_alert_was_sent_once_on_its_day_and_no_other(week):
    assert week.alerts == {
        "monday": [],
        "tuesday": [("freshness", "partner", "stale")],
        "wednesday": [("publication", "", "refused"), ("freshness", "partner", "fresh")],
        "thursday": [("run", "", "killed")],
        "friday": [("run", "", "ended"), ("publication", "", "published"), ("held_back", "helpdesk", "1")],
        "close": [],
        "saturday": [("control", "CTL-DEADLINE", "missed")],
    }


def test_a_rejected_candidate_left_readers_with_tuesday(week):
    refused = week.rejected.current["refused"]
    assert refused["failed"] >= 1
    assert {"suite": "fct_requests", "type": "expect_table_row_count_to_equal", "column": None} in refused["checks"]
    assert "gate rejected the run" in week.rejected.listed
    assert week.rejected.current["sequence"] == 2
    assert set(week.rejected.shown) == {"august", "monday", "tuesday"}


def test_nothing_was_lost_and_nothing_landed_twice(week):
    ledger = Ledger.open(week.home)
    landed = Counter(line.body["origin"]["path"] for line in ledger.lines("batch"))
    assert (len(landed), set(landed.values())) == (11, {1})
    assert len(list(ledger.lines("held_back"))) == 1
    assert sum(line.body["counts"]["landed"] for line in ledger.lines("batch")) == 13
    names = {"monday", "tuesday", "wednesday", "thursday", "friday", "tuesday of the partner", "thursday of the partner"}
    names |= {"friday of the partner", "saturday"}
    shown = _requests(week.home)
    assert shown == dict.fromkeys(names, "open_in_time") | {"august": "closed_on_time", "late": "closed_late"}
    assert not ledger.verify()
    assert not [problem for problem in fsck(week.home) if not problem.says.startswith("no line of the ledger names this file")]


def test_each_run_published_the_period_that_was_due(week):
    published = reversed(SnapshotStore(week.home).list())
    assert [(one.sequence, datetime.fromisoformat(one.as_of)) for one in published] == [
        (1, MONDAY),
        (2, TUESDAY),
        (3, FRIDAY),
        (4, MIDNIGHT),
        (5, CLOSING),
        (6, SATURDAY),
    ]


def test_the_quarter_was_closed_once_though_the_job_ran_twice(week):
    once, again = week.closed
    assert once.bundles == again.bundles
    assert [one.id for one in once.snapshots] == [one.id for one in again.snapshots]
    close = next(one for one in once.snapshots if one.sequence == 4)
    assert once.bundles == [f"{close.id}.2026-Q3.auditor"]
    checked = verify(week.home / "evidence" / once.bundles[0])
    assert (checked.is_sound, checked.is_draft) == (True, True), checked.problems


def test_the_export_log_says_who_made_the_bundle(week):
    lines = [json.loads(line) for line in (week.home / "evidence" / "exports.jsonl").read_text().splitlines()]
    assert [(line["who"], line["role"], line["period"]) for line in lines] == [("period close", "schedule", "2026-Q3")] * 2
    assert {line["fingerprint"] for line in lines} == {lines[0]["fingerprint"]}


def test_only_the_late_rows_restated_a_closed_period_and_they_are_named(week):
    restated = {one.sequence: one.restatements for one in SnapshotStore(week.home).list()}
    assert {sequence for sequence, figures in restated.items() if figures} == {6}
    with open_current(week.home) as snapshot:
        rows = snapshot.cursor().execute("select distinct unnest(causes) from history.fct_restatements").fetchall()
    assert {cause for (cause,) in rows} == {"late_rows"}


def test_no_person_and_no_name_of_a_file_was_disclosed(week):
    kept = (week.home / "alerts.json").read_text() + (week.home / "last_run.json").read_text()
    kept += (week.home / "metrics.prom").read_text()
    assert "person of" not in kept
    assert "delivery-" not in kept


def test_the_figures_of_the_pipeline_are_those_of_the_last_run(week):
    metrics = (week.home / "metrics.prom").read_text()
    assert 'promisekept_run_outcome{outcome="published"} 1' in metrics
    assert "promisekept_snapshot_sequence 6\n" in metrics
    assert f"promisekept_ledger_sequence {Ledger.open(week.home).seq}\n" in metrics
    assert 'promisekept_held_back_files{source="helpdesk"} 1' in metrics
    assert 'promisekept_controls{verdict="missed"} 1' in metrics
    with open_current(week.home) as snapshot:
        rows = snapshot.cursor().execute("select source, freshness from marts.audit_sources").fetchall()
    for source, freshness in rows:
        assert f'promisekept_source_freshness{{source="{source}",state="{freshness}"}} 1' in metrics
