"""A run on a cluster of processes of their own: it publishes what DuckDB does, whichever of them is killed.

Here: a standalone cluster on 127.0.0.1, started as docs/when-one-machine-is-not-enough.md says, and `promisekept run` on it. Not
here: what the models compute on Spark (test_spark_build.py).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from all_logs import DAYS, FIRST_DAY, history, world_of_all_logs
from arrivals import deliver
from command import ROOT
from spark_sessions import LOCAL, ON_CLUSTER, needs_spark, published_hashes, standalone_cluster, with_engine
from world import World

from orchestration.dbt_runner import TransformError
from orchestration.run import run_job
from orchestration.spark import build as build_on_spark
from orchestration.spark import sources
from orchestration.spark.faults import DriverEndedError, RowsLostError, in_our_words
from orchestration.spark.relations import Relations
from orchestration.spark.session import spark_session
from promisekept.errors import ConfigError, LandingError
from promisekept.publishing.reader import read_current

AS_OF = FIRST_DAY + timedelta(days=DAYS - 4)
EARLIER = FIRST_DAY + timedelta(days=DAYS // 2)
BOUND = 900.0


@needs_spark
@pytest.mark.on_spark
def test_a_cluster_publishes_what_duckdb_does_though_driver_executor_and_worker_are_killed(tmp_path):
    """The second run is Dagster's job, which begins its models again when their driver has ended."""
    world, home = _published_earlier(tmp_path / "spark")
    shutil.copytree(world.folder, tmp_path / "duckdb")
    assert run_job(tmp_path / "duckdb", as_of=AS_OF.isoformat()).published
    expected, before = (published_hashes(folder) for folder in (tmp_path / "duckdb" / home.name, home))
    assert len(expected) > 20
    assert before != expected
    with standalone_cluster(tmp_path / "cluster", secret="between-us") as cluster:
        with_engine(world.folder, ON_CLUSTER.model_copy(update={"master": cluster.master}))
        with _run(world.folder, tmp_path / "refused.txt") as run:
            assert run.wait(BOUND) == 2
        said = (tmp_path / "refused.txt").read_text(encoding="utf-8")
        assert f"{cluster.master}: Spark does not start: no master answers there, or it has another secret" in said
        assert "Traceback" not in said
        with _run(world.folder, tmp_path / "first.txt", **cluster.environment) as run:
            build = _wait_for_models(home, 30, run)
            run.kill()
            assert run.wait() == -signal.SIGKILL
        assert published_hashes(home) == before
        (tmp_path / "dagster").mkdir()
        environment = cluster.environment | {"DAGSTER_HOME": str(tmp_path / "dagster")}
        with _run(world.folder, tmp_path / "second.txt", **environment) as run:
            builds = [build, _wait_for_models(home, 3, run, besides=[build])]
            os.kill(_java_of(run.pid), signal.SIGKILL)
            _wait_for_models(home, 30, run, besides=builds)
            assert len(cluster.executors) == 2
            os.kill(cluster.executors[0], signal.SIGKILL)
            _wait_for_models(home, 60, run, besides=builds)
            cluster.workers[0].kill()
            assert run.wait(BOUND) == 0, (tmp_path / "second.txt").read_text(encoding="utf-8")
        assert cluster.workers[0].wait() == -signal.SIGKILL
    found = published_hashes(home)
    assert {name for name in expected if found.get(name) != expected[name]} == set()
    with dg.DagsterInstance.from_config(str(tmp_path / "dagster")) as instance:
        (job,) = instance.get_runs()
        assert job.status == dg.DagsterRunStatus.SUCCESS
        events = instance.get_records_for_run(job.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records
    assert dg.AssetKey(["marts", "fct_requests"]) in {one.asset_key for one in events}


@needs_spark
@pytest.mark.slow
def test_rows_are_missed_where_a_worker_does_not_mount_the_folder(tmp_path):
    """It makes a folder of its own there, Spark sees no error, and half of the rows would be missing."""
    folder = tmp_path / "home"
    folder.mkdir()
    hiding = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", str(folder)]
    if shutil.which("unshare") is None or subprocess.run(hiding, check=False, capture_output=True).returncode:
        pytest.skip("hiding a folder from a worker takes a mount namespace of its own, which needs root")
    hidden = f"unshare --mount sh -c 'mount -t tmpfs none {folder} && exec \"$@\"' -"
    with standalone_cluster(tmp_path / "cluster", hidden) as cluster:
        engine = ON_CLUSTER.model_copy(update={"master": cluster.master})
        both = {"spark.cores.max": "2", "spark.scheduler.minRegisteredResourcesRatio": "1"}  # are there before the first task
        conf = engine.conf | both | {"spark.driver.memory": "1g"}
        with spark_session(engine.model_copy(update={"conf": conf}), landed=0) as session:
            relations = Relations(session, folder)
            relations.store("warehouse.run.few", session.range(0).toDF("n"))
            with pytest.raises(RowsLostError, match=rf"wrote 1,000 rows to file:{folder}/run.numbers, and \d+ of them are there"):
                for _ in range(5):  # until both executors have taken a task
                    relations.store("warehouse.run.numbers", session.range(0, 1_000, 1, 8).toDF("n"))


@needs_spark
@pytest.mark.slow
def test_a_place_out_of_reach_is_named_with_its_remedy_and_nothing_is_published(tmp_path, monkeypatch):
    """Landed files go away after the source gate has read them: before Spark starts, and before it reads them."""
    world, landing = _landed(tmp_path / "world")
    with_engine(world.folder, LOCAL)
    for step, error, says in (
        ("landed_bytes", LandingError, r"{0}/\S+: can't be reached .*\n  Connect the file system that holds home"),
        (
            "show_sources",
            TransformError,
            r"{0}/\S+: a process of Spark's can't reach it.\n  Mount the file system that holds home",
        ),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(build_on_spark, step, partial(_without, landing, getattr(build_on_spark, step)))
            with pytest.raises(error, match=says.format(landing)):
                run_job(world.folder, as_of=AS_OF.isoformat())
        landing.with_name("away").rename(landing)
    assert read_current(world.settings.home) is None


def _without(folder: Path, step: Callable[..., Any], *arguments: Any) -> Any:
    """Do a step, and move a folder away: afterwards, where the step does not fail without it."""
    if step is sources.landed_bytes:
        folder.rename(folder.with_name("away"))
        return step(*arguments)
    done = step(*arguments)
    folder.rename(folder.with_name("away"))
    return done


@needs_spark
@pytest.mark.slow
def test_the_address_of_a_master_that_is_none_is_named():
    engine = LOCAL.model_copy(update={"master": "spark:x"})
    with pytest.raises(ConfigError, match=r"^engine.master: spark:x: .*Could not parse"), spark_session(engine, landed=0):
        pass


@needs_spark
@pytest.mark.slow
def test_a_driver_that_was_killed_is_named_and_nothing_is_published(tmp_path):
    """Python's side of it survives, as where the system kills the largest process of a machine without memory."""
    world, landing = _landed(tmp_path / "world")
    with_engine(world.folder, LOCAL)
    with _run(world.folder, tmp_path / "run.txt") as run:
        _wait_for_models(landing.parent, 3, run)
        os.kill(_java_of(run.pid), signal.SIGKILL)
        assert run.wait(BOUND) == 2
    said = (tmp_path / "run.txt").read_text(encoding="utf-8")
    assert "Spark's driver, a process of Java on this machine, was killed by signal 9." in said
    assert "Traceback" not in said
    assert read_current(landing.parent) is None


@needs_spark
@pytest.mark.slow
def test_a_killed_driver_is_named_where_pyspark_reports_a_schema_that_it_can_not_parse(tmp_path):
    """PySpark reports a refused connection as CANNOT_PARSE_DATATYPE where it asks for a schema."""
    world = world_of_all_logs(tmp_path / "world")
    with spark_session(LOCAL, landed=0) as session:
        rows = session.range(1)
        session.sparkContext._gateway.proc.kill()
        session.sparkContext._gateway.proc.wait()
        with (
            pytest.raises(DriverEndedError, match="Spark's driver, a process of Java on this machine, was killed by signal 9"),
            in_our_words("run.requests", session, world.settings),
        ):
            assert rows.schema
        with pytest.raises(ValueError, match="CANNOT_PARSE_DATATYPE"):
            assert rows.schema


def _java_of(process: int) -> int:
    found = subprocess.run(["ps", "-eo", "pid,ppid,comm"], capture_output=True, text=True, check=True).stdout.splitlines()
    rows = (line.split(maxsplit=2) for line in found)
    (java,) = (int(one) for one, parent, name in rows if parent == str(process) and name == "java")
    return java


def _landed(folder: Path) -> tuple[World, Path]:
    """All logs of a small organisation, and where they landed."""
    world = world_of_all_logs(folder)
    deliver(world, history(seed=7))
    world.land(AS_OF)
    return world, world.settings.home / "landing"


def _published_earlier(folder: Path) -> tuple[World, Path]:
    """All logs of a small organisation, published by DuckDB for an instant in the middle, and its home; all has landed."""
    world, landing = _landed(folder)
    assert run_job(world.folder, as_of=EARLIER.isoformat()).published
    return world, landing.parent


@contextmanager
def _run(folder: Path, output: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`promisekept run` in a process of its own, which does not outlive the test."""
    command = [sys.executable, "-c", "from promisekept.cli import main; main()", "run", "--config", str(folder)]
    with (
        output.open("wb") as out,
        subprocess.Popen(
            [*command, "--as-of", AS_OF.isoformat()], stdout=out, stderr=out, cwd=ROOT, env=os.environ | environment
        ) as run,
    ):
        try:
            yield run
        finally:
            run.kill()


def _wait_for_models(home: Path, count: int, run: subprocess.Popen[bytes], besides: Collection[Path] = ()) -> Path:
    """The folder of the build of a run, as soon as it holds so many models."""
    end = time.monotonic() + BOUND
    while True:
        for build in home.glob("spark/build-*"):
            if build not in besides and len(list(build.glob("intermediate.*"))) >= count:
                return build
        assert run.poll() is None, "the run ended before it had made so many models"
        assert time.monotonic() < end
        time.sleep(0.1)
