"""The dagster.yaml that `init` writes, read by Dagster, and what becomes there of a run whose process is gone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import dagster as dg
import pytest
from dagster_postgres.run_storage import PostgresRunStorage
from world import World

from orchestration.defs.monitoring import watch_sensor
from orchestration.pipeline import clock
from promisekept.monitoring.run_status import Journal, LastRun
from promisekept.project import scaffold
from promisekept.publishing.lock import writer_lock


@pytest.fixture
def home(tmp_path: Path) -> Path:
    created = scaffold(tmp_path / "project", organisation="Example Ltd", country="IE", time_zone="Europe/Dublin")
    return created.folder / "dagster"


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


@pytest.fixture
def postgres():
    """A PostgreSQL server of this machine's own, by its port; it refuses to be root's."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    is_root = os.geteuid() == 0
    with socket.create_server(("127.0.0.1", 0)) as free, tempfile.TemporaryDirectory(prefix="pg") as folder:
        port = free.getsockname()[1]
        free.close()
        if is_root:
            shutil.chown(folder, "nobody")

        def command(name: str, *arguments: str) -> None:
            subprocess.run(
                [binaries[-1] / name, *arguments],
                check=True,
                stdout=subprocess.DEVNULL,
                cwd=folder,
                user="nobody" if is_root else None,
                env={"HOME": folder, "LC_ALL": "C.UTF-8"},
            )

        command("initdb", "-D", "data", "-U", "dagster", "--auth=trust", "--no-sync")
        command(
            "pg_ctl", "-D", "data", "-w", "-l", "log", "-o", f"-p {port} -k {folder} -F -c listen_addresses=127.0.0.1", "start"
        )
        try:
            command("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "dagster", "runs")
            yield port
        finally:
            command("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")


def test_runs_are_kept_in_postgresql_where_the_marks_of_the_comment_are_taken_away(home, postgres, monkeypatch):
    file = home / "dagster.yaml"
    lines = file.read_text().splitlines()
    begin = lines.index("# storage:")
    stated = "\n".join([*lines[:begin], *(line.removeprefix("# ") for line in lines[begin:])])
    assert "port: 5432\n" in stated
    file.write_text(stated.replace("port: 5432\n", f"port: {postgres}\n"))
    for part, value in {"HOST": "127.0.0.1", "DB": "runs", "USER": "dagster", "PASSWORD": "any"}.items():
        monkeypatch.setenv(f"DAGSTER_POSTGRES_{part}", value)
    for _ in ("written", "read again"):
        with dg.DagsterInstance.from_config(str(home)) as instance:
            assert isinstance(instance.run_storage, PostgresRunStorage)
            runs = instance.get_runs()
            instance.create_run_for_job(dg.GraphDefinition("any").to_job())
    assert len(runs) == 1


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
