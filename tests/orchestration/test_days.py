"""Days as Dagster's partitions: a backfill publishes what runs with --as-of publish, and only what was evaluated is a check."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from world import World

from orchestration.definitions import JOB, build_definitions
from orchestration.defs.days import FIRST, as_of, day_of
from orchestration.defs.resources import PipelineRun
from orchestration.defs.schedules import run_config
from orchestration.run import run_job
from promisekept.config.loading import load_settings
from promisekept.errors import ConfigError, PublishingError
from promisekept.publishing.store import SnapshotStore

NOW = datetime(2026, 10, 5, 6, tzinfo=UTC)
DAYS = ("2026-09-28", "2026-09-29")
ENDS = ("2026-09-29T00:00:00+01:00", "2026-09-30T00:00:00+01:00")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Requests that fall due, are answered and are opened on the days of the backfill; an eager help desk delivers all later."""
    world = World(tmp_path_factory.mktemp("days") / "world")
    world.request("answered", received="2026-09-01").fulfilled("2026-09-29")
    world.request("overdue", received="2026-08-29")
    world.request("opened", received="2026-09-29")
    world.deliver()
    return world


def published(config: Path) -> list[tuple[str, str]]:
    """What a home published, oldest first: the instant of each snapshot and the hash of its content."""
    newest_first = SnapshotStore(load_settings(config).home).list()
    return [(snapshot.manifest["as_of"], snapshot.manifest["content_hash"]) for snapshot in reversed(newest_first)]


def test_a_day_stands_for_its_end_and_today_for_now(world):
    at = [as_of(day, None, NOW, world.settings).isoformat() for day in DAYS]
    assert at == list(ENDS)
    assert as_of("2026-10-05", None, NOW, world.settings) == NOW
    assert day_of(datetime(2026, 9, 28, 23, 30, tzinfo=UTC), world.settings) == "2026-09-29"


def test_an_instant_of_another_day_is_rejected(world):
    tick = datetime(2026, 9, 29, 5, tzinfo=UTC)
    assert as_of("2026-09-29", tick, NOW, world.settings) == tick
    with pytest.raises(ConfigError, match=r"2026-09-29T05:00:00\+00:00 is not on 2026-09-30, the partition of this run"):
        as_of("2026-09-30", tick, NOW, world.settings)


def test_the_days_are_those_of_the_organisation_up_to_today(world):
    keys = build_definitions(world.folder / "promisekept.yml").resolve_job_def(JOB).partitions_def.get_partition_keys()
    today = datetime.now(UTC).date()
    assert keys[0] == FIRST.isoformat()
    assert today - timedelta(days=1) <= date.fromisoformat(keys[-1]) <= today + timedelta(days=1)


@dataclass(frozen=True)
class Backfill:
    """What came of two days, and of the same days by `promisekept run --as-of` in a copy of the home."""

    runs: tuple[dg.ExecuteInProcessResult, ...]
    logs: list[list[str]]
    partitions: dict[str, set[str]]
    published: list[tuple[str, str]]
    by_as_of: list[tuple[str, str]]


@pytest.fixture(scope="module")
def backfill(world, tmp_path_factory):
    """Each run of a backfill is the job with the key of its partition, in the order of the days."""
    folder = tmp_path_factory.mktemp("backfill")
    twin = shutil.copytree(world.folder, folder / "twin") / "promisekept.yml"
    config = world.folder / "promisekept.yml"
    job = build_definitions(config).resolve_job_def(JOB)
    configuration = run_config(config, now=NOW.isoformat(), console="CRITICAL")
    with dg.DagsterInstance.ephemeral() as instance:
        runs = tuple(job.execute_in_process(run_config=configuration, partition_key=day, instance=instance) for day in DAYS)
        logs = [[one.user_message for one in instance.all_logs(run.run_id)] for run in runs]
        keys = {name: dg.AssetKey(name.split("/")) for name in ("published_snapshot", "marts/fct_requests")}
        partitions = {name: instance.get_materialized_partitions(key) for name, key in keys.items()}
    for end in ENDS:
        assert run_job(twin, as_of=end, now=NOW.isoformat()).published
    return Backfill(runs, logs, partitions, published(config), published(twin))


@pytest.mark.slow
def test_a_backfill_publishes_what_runs_with_as_of_publish(backfill):
    assert len({content for _, content in backfill.published}) == len(DAYS), "the days differ"
    assert backfill.published == backfill.by_as_of


@pytest.mark.slow
def test_the_log_of_a_run_says_why_its_build_is_a_full_refresh(backfill):
    first, second = ([line for line in log if line.startswith("prepare: ")] for log in backfill.logs)
    assert first == ["prepare: full refresh: no finished build is there to add to"]
    assert second == ["prepare: landing, pack and instants"]


@pytest.mark.slow
def test_a_snapshot_is_a_partition_and_what_the_warehouse_holds_is_none(backfill):
    assert backfill.partitions == {"published_snapshot": set(DAYS), "marts/fct_requests": set()}


@pytest.mark.slow
def test_only_what_was_evaluated_is_reported_as_checked(backfill):
    """A log that nobody delivers, and a model that an incremental build leaves as it is, have no result."""
    first, second = backfill.runs
    reported = {(one.asset_key, one.check_name): one for one in first.get_asset_check_evaluations()}
    assert {key.path[-1] for key, name in reported if name == "source_gate"} == {"requests"}
    marts = {event.asset_key for event in first.get_asset_materialization_events() if event.asset_key.path[0] == "marts"}
    assert marts
    assert {key for key, name in reported if name == "publish_gate"} == marts
    assert all(one.passed for (_, name), one in reported.items() if name == "publish_gate")
    again = {(one.asset_key, one.check_name) for one in second.get_asset_check_evaluations()}
    kept = {event.asset_key for event in second.get_asset_materialization_events() if "kept" in event.materialization.metadata}
    assert dg.AssetKey(["marts", "dim_metrics"]) in kept
    assert {key for key, name in again if name not in ("publish_gate", "source_gate")} & kept == set()
    assert again < reported.keys()


@pytest.mark.slow
def test_a_step_that_is_launched_alone_names_a_candidate_that_is_gone(backfill):
    written = backfill.runs[0].output_for_node("candidate")
    with pytest.raises(PublishingError, match=r"was published or discarded\.\n  Launch `candidate` with all that follows it"):
        PipelineRun.require_written(written)
