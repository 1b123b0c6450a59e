"""The dagster.yaml that `init` writes, read by Dagster, and what becomes there of a run whose process is gone."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._config import validate_config
from dagster._core.instance.config import dagster_instance_config
from dagster_postgres.storage import DagsterPostgresStorage
from world import World

from orchestration.defs.watch import watch_sensor
from orchestration.pipeline import clock
from promisekept.project import scaffold
from promisekept.publishing.lock import writer_lock
from promisekept.unattended.runs import Journal, LastRun


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = scaffold(tmp_path / "project", organisation="Example Ltd", country="IE", time_zone="Europe/Dublin")
    return made.folder / "dagster"


@pytest.fixture
def instance(home):
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def test_one_run_at_a_time_watched_and_begun_anew_only_where_its_process_died(instance):
    assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
    assert (instance.run_monitoring_enabled, instance.run_monitoring_max_runtime_seconds) == (True, 6 * 3600)
    retried = (instance.run_retries_enabled, instance.run_retries_max_retries, instance.run_retries_retry_on_asset_or_op_failure)
    assert retried == (True, 2, False)
    assert not instance.telemetry_enabled


def test_the_storage_in_the_comment_is_one_that_dagster_knows(home, monkeypatch):
    file = home / "dagster.yaml"
    lines = file.read_text().splitlines()
    begin = lines.index("# storage:")
    file.write_text("\n".join([*lines[:begin], *(line.removeprefix("# ") for line in lines[begin:])]))
    for part in ("HOST", "DB", "USER", "PASSWORD"):
        monkeypatch.setenv(f"DAGSTER_POSTGRES_{part}", part.lower())
    config, _ = dagster_instance_config(str(home))
    stated = config["storage"]["postgres"]
    schema = dg.Field(DagsterPostgresStorage.config_type())
    assert stated == yaml.safe_load(file.read_text())["storage"]["postgres"]
    assert validate_config(schema.config_type, stated).success


def test_a_run_whose_process_is_gone_with_its_code_server_holds_the_queue_no_longer(tmp_path, instance):
    world = World(tmp_path / "world")
    sensor = watch_sensor(world.folder / "promisekept.yml")
    run = instance.create_run_for_job(dg.GraphDefinition("any").to_job(), status=dg.DagsterRunStatus.STARTED)
    with writer_lock(world.settings.home, 0, "a run"):
        Journal(world.settings.home, LastRun(run.run_id, "daily", clock()))
        assert "Nothing" in ticked(sensor, instance)
        assert instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.STARTED
    assert "was killed" in ticked(sensor, instance)
    assert instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.FAILURE


def ticked(sensor: dg.SensorDefinition, instance: dg.DagsterInstance) -> str:
    with dg.build_sensor_context(instance=instance) as context:
        data = sensor.evaluate_tick(context)
    assert not data.run_requests
    return data.skip_message
