"""A build on Spark: the marts are those of DuckDB, row by row, and what is missing is named before anything is made."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Timer

import duckdb
import pytest
from all_logs import DAYS, FIRST_DAY, LOGS, history, world_of_all_logs
from arrivals import deliver
from published_demo import copy_published_demo
from pydantic import ValidationError
from rebuilding import differing, marts_of
from spark_plans import RECORDED, recorded_plans, unscalable
from spark_sessions import LARGE, LOCAL, built_on_spark, differing_on_spark, needs_spark, published_hashes, with_engine
from world import LONG_AFTER

from benchmarks.logs import AS_OF as AS_OF_LOGS
from benchmarks.logs import write_inboxes
from benchmarks.measure import write_project
from orchestration import pipeline
from orchestration.run import run_job
from orchestration.spark.dialect import translate
from orchestration.spark.relations import Relations
from orchestration.spark.session import spark_session
from promisekept.config.loading import load_settings
from promisekept.config.settings import Engine
from promisekept.demo import AS_OF as AS_OF_DEMO
from promisekept.demo import EARLIER_AS_OF, LANDED_AT, write_demo
from promisekept.errors import ConfigError

NUMBERED_IN_ONE_TASK = {"int_metrics__amount_slices"}
"""The slices of statistics are as many as months and values of dimensions, however many events there are."""
LIVES = 500
AS_OF = FIRST_DAY + timedelta(days=DAYS - 4)


@pytest.fixture(scope="module")
def build(tmp_path_factory) -> pipeline.Build:
    """All logs of a small organisation, built on Spark."""
    world = world_of_all_logs(tmp_path_factory.mktemp("spark") / "world")
    deliver(world, history(seed=7))
    world.land(AS_OF)
    return built_on_spark(world.settings, AS_OF)


@needs_spark
@pytest.mark.slow
def test_every_mart_is_as_duckdb_makes_it(build):
    assert len(marts_of(build)) > 20
    assert differing(build) == []


@needs_spark
@pytest.mark.slow
def test_the_warehouse_shows_what_spark_wrote_and_the_next_build_is_a_full_refresh(build):
    with build.connect() as connection:
        views = connection.execute("select count(*) from duckdb_views() where schema_name = 'intermediate'").fetchall()
        assert views[0][0] > 100
        assert connection.execute("select count(*) > 0 from warehouse.intermediate.int_requests__units").fetchall() == [(True,)]
    assert pipeline.prepare(build.settings.model_copy(update={"engine": LOCAL}), build.instants, build.pack).full_refresh


@pytest.fixture(scope="module")
def five_hundred(tmp_path_factory) -> tuple[pipeline.Build, list[tuple[str, str]]]:
    """Five hundred lives with all logs, built on Spark, and the plans by which they were."""
    world = world_of_all_logs(tmp_path_factory.mktemp("lives") / "world")
    deliver(world, history(seed=500, people=LIVES))
    world.land()
    with recorded_plans() as plans:
        return built_on_spark(world.settings, AS_OF, LOCAL.model_copy(update={"conf": LOCAL.conf | RECORDED})), plans


@needs_spark
@pytest.mark.on_spark
def test_both_engines_agree_on_five_hundred_lives_with_all_logs(five_hundred):
    assert differing(five_hundred[0]) == []


@needs_spark
@pytest.mark.on_spark
def test_no_plan_pairs_all_rows_of_two_facts_or_brings_all_rows_of_one_to_a_task(five_hundred):
    build, plans = five_hundred
    assert len(plans) > 200
    large = {f"landing.{log}" for log in LOGS} | {name for name, count in _rows(build).items() if count > LIVES // 2}
    assert len(large) > 50
    assert {name for name, plan in plans if unscalable(plan, large)} == NUMBERED_IN_ONE_TASK


def _rows(build: pipeline.Build) -> dict[str, int]:
    """How many rows each relation has that was stored."""
    with duckdb.connect() as connection:
        return {
            ".".join(folder.name.split(".")[:2]): connection.execute(f"select count(*) from '{folder}/*.parquet'").fetchall()[0][
                0
            ]
            for folder in build.settings.home.glob("spark/build-*/*")
            if folder.is_dir() and any(folder.glob("*.parquet"))
        }


@needs_spark
@pytest.mark.on_spark
def test_every_table_of_the_published_demo_has_the_same_hash(tmp_path, tmp_path_factory):
    """Of its last snapshot, which Spark computes from scratch; the one before it is made by DuckDB in both homes."""
    by_duckdb = copy_published_demo(tmp_path / "duckdb", tmp_path_factory)
    write_demo(tmp_path / "spark")
    assert run_job(tmp_path / "spark", as_of=EARLIER_AS_OF.isoformat(), now=LANDED_AT.isoformat()).published
    configuration = with_engine(tmp_path / "spark", LARGE)
    assert run_job(configuration, as_of=AS_OF_DEMO.isoformat(), now=LANDED_AT.isoformat()).published
    tables, expected = (published_hashes(folder / ".promisekept") for folder in (tmp_path / "spark", by_duckdb))
    assert len(expected) > 30
    assert {name for name in expected if tables.get(name) != expected[name]} == set()


@needs_spark
@pytest.mark.on_spark
def test_a_million_events(tmp_path):
    write_inboxes(tmp_path / "inbox", 1_000_000)
    settings = load_settings(write_project(tmp_path / "project", tmp_path / "inbox"))
    pipeline.land_sources(settings, LONG_AFTER)
    assert differing_on_spark(settings, datetime.fromisoformat(AS_OF_LOGS), LARGE) == []


@needs_spark
@pytest.mark.slow
def test_rows_are_the_same_when_an_executor_is_killed_and_when_shuffled_files_are_lost(tmp_path):
    conf = {**LOCAL.conf, "spark.driver.memory": "1g", "spark.sql.shuffle.partitions": "4"}
    cluster = LOCAL.model_copy(update={"master": "local-cluster[2,1,1024]", "conf": conf})
    text = "select n % 1000 as k, max(md5(cast(n as varchar))) as most from warehouse.run.numbers group by n % 1000"
    with spark_session(cluster, landed=0) as session:
        relations = Relations(session, tmp_path)
        relations.show("warehouse.run.numbers", session.range(0, 1_000_000, 1, 8).toDF("n"))
        rows = session.sql(translate("most", text, relations.types))
        relations.store("warehouse.run.undisturbed", rows)
        first, _ = _both_executors(session.sparkContext.applicationId)
        killing = Timer(0.3, os.kill, (first, signal.SIGKILL))
        killing.start()
        relations.store("warehouse.run.disturbed", rows)
        killing.join()
        expected = sorted(rows.collect())
        folders = map(_local_folder, _both_executors(session.sparkContext.applicationId))
        shuffled = [file for folder in folders for file in folder.rglob("shuffle_*.data")]
        assert shuffled
        for file in shuffled:
            file.unlink()
        assert sorted(rows.collect()) == expected
    files = [f"select * from '{relations.path(f'warehouse.run.{name}')}/*.parquet'" for name in ("undisturbed", "disturbed")]
    assert duckdb.execute(f"select count(*) from ({files[0]})").fetchall() == [(1000,)]
    assert duckdb.execute(f"({files[0]} except {files[1]}) union all ({files[1]} except {files[0]})").fetchall() == []


def _both_executors(application: str) -> list[int]:
    """The second one may still be starting when the first has done all the work."""
    end = time.monotonic() + 120
    while len(found := _executors(application)) < 2 and time.monotonic() < end:
        time.sleep(0.2)
    return found


def _executors(application: str) -> list[int]:
    found = subprocess.run(["ps", "-wweo", "pid,args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [int(line.split()[0]) for line in found if "CoarseGrainedExecutorBackend" in line and application in line]


def _local_folder(executor: int) -> Path:
    """Where an executor leaves what it shuffles; `spark.local.dir` counts for the first session of a JVM alone."""
    environment = Path(f"/proc/{executor}/environ").read_text(encoding="utf-8").split("\0")
    (folders,) = (value for name, _, value in (one.partition("=") for one in environment) if name == "SPARK_EXECUTOR_DIRS")
    return Path(folders.split(os.pathsep)[0])


PLAN = """
== Physical Plan ==
Execute InsertIntoHadoopFsRelationCommand (7)
+- WriteFiles (6)
   +- CartesianProduct Inner (5)
      :- * Filter (2)
      :  +- Scan parquet  (1)
      +- Exchange (4)
         +- Scan parquet  (3)


(1) Scan parquet
Location: InMemoryFileIndex [file:/home/spark/build-x1/marts.fct_a]

(3) Scan parquet
Location: InMemoryFileIndex [file:/home/landing/requests/1.parquet]

(4) Exchange
Arguments: SinglePartition, ENSURE_REQUIREMENTS, [plan_id=1]
"""


def test_a_plan_that_pairs_all_rows_or_brings_them_to_one_task_is_seen():
    both = {"marts.fct_a", "landing.requests"}
    assert unscalable(PLAN, both) == {
        "CartesianProduct of marts.fct_a and landing.requests",
        "a single task for landing.requests",
    }
    assert unscalable(PLAN, {"marts.fct_a"}) == set()


def test_without_java_or_pyspark_nothing_lands_and_the_error_names_what_to_install(monkeypatch, tmp_path):
    world = world_of_all_logs(tmp_path / "world")
    with (world.folder / "promisekept.yml").open("a", encoding="utf-8") as configuration:
        configuration.write("engine: {kind: spark}\n")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ConfigError, match=r"(?s)needs Java 17 or 21.*openjdk-17-jre-headless"):
        run_job(world.folder)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/java")
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(ConfigError, match=r"(?s)needs PySpark.*pip install 'promisekept\[spark\]'"):
        run_job(world.folder)
    assert not (world.settings.home / "landing").exists()


@pytest.mark.parametrize(
    ("engine", "says"),
    [
        (
            {"kind": "spark", "conf": {"spark.authenticate.secret": "x"}},
            "spark.authenticate.secret is a secret; .*SPARK_CONF_DIR",
        ),
        ({"master": "spark://10.0.0.5:7077"}, "add `kind: spark`"),
        ({"kind": "spark", "conf": {"executor.memory": "1g"}}, "spark"),
    ],
)
def test_settings_of_spark_hold_no_secret_and_are_for_spark(engine, says):
    with pytest.raises(ValidationError, match=says):
        Engine(**engine)


def test_duckdb_reads_the_timestamp_that_stands_for_infinity_on_spark(tmp_path):
    file = tmp_path / "one.parquet"
    duckdb.execute(f"copy (select 'infinity'::timestamptz as never) to '{file}'")
    assert duckdb.execute(f"select isinf(never) from '{file}'").fetchall() == [(True,)]
