"""What is left to do around a run is done however it ends, and fails none."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import dagster as dg
import pytest
from world import World

from orchestration import monitoring
from orchestration.definitions import JOB, build_definitions
from orchestration.defs.schedules import run_config
from orchestration.run import run_job
from promisekept.config.source import LOGS
from promisekept.errors import ConfigError
from promisekept.monitoring.openmetrics import FILE as METRICS
from promisekept.monitoring.run_status import read_last_run


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def fails(world: World) -> None:
    """Nothing has landed, so there is nothing to compute."""
    with pytest.raises(ConfigError, match="nothing to compute"):
        run_job(world.folder / "promisekept.yml")


def test_a_run_that_fails_is_remembered_with_its_stage_and_leaves_its_figures(world):
    fails(world)
    run = read_last_run(world.settings.home)
    assert (run.outcome, run.stage, run.error, run.kind) == ("failed", "prepare", "ConfigError", "run")
    assert set(run.seconds) == {"land", "prepare"}
    assert 'promisekept_run_outcome{outcome="failed"} 1' in (world.settings.home / METRICS).read_text()


def test_nothing_that_goes_wrong_around_a_run_is_a_fault_of_the_run(world, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("send_alerts", "write_metrics", "Journal"):
        monkeypatch.setattr(monitoring, name, full)
    fails(world)
    assert read_last_run(world.settings.home) is None


def test_a_step_that_somebody_asked_for_by_itself_is_not_remembered_as_a_run(world):
    config = world.folder / "promisekept.yml"
    job = build_definitions(config).resolve_job_def(JOB)
    landing = [dg.AssetKey(["landing", log]) for log in LOGS]
    with dg.DagsterInstance.ephemeral() as instance:
        job.execute_in_process(run_config=run_config(config), instance=instance, asset_selection=landing, raise_on_error=False)
    assert (world.settings.home / METRICS).is_file()
    assert read_last_run(world.settings.home) is None


def test_a_run_that_has_come_is_not_late_whichever_tick_was_the_last(world):
    fails(world)
    run = read_last_run(world.settings.home)
    late_after = world.settings.alerts.late_after
    soon, later = run.began + late_after / 2, run.began + late_after + timedelta(days=2)
    assert monitoring.due_before(world.settings, soon) == soon - late_after < run.began
    assert run.began < monitoring.due_before(world.settings, later) <= later - late_after


def test_a_run_at_a_terminal_imports_no_dagster(world):
    """After each run lateness was looked at, for which Dagster was imported: a quarter of a run with nothing new."""
    script = (
        "import sys; from contextlib import suppress; from pathlib import Path\n"
        "from orchestration.run import run_job; from promisekept.errors import ConfigError\n"
        "with suppress(ConfigError): run_job(Path(sys.argv[1]))\n"
        "print([name for name in ('dagster', 'httpx') if name in sys.modules])"
    )
    command = [sys.executable, "-c", script, str(world.folder / "promisekept.yml")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == ["[]"]
