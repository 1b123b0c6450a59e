"""A build on Spark: the marts are those of DuckDB, row by row, and what is missing is named before anything is made."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Timer

import duckdb
import pytest
from all_logs import DAYS, FIRST_DAY, history, world_of_all_logs
from arrivals import deliver
from pydantic import ValidationError
from rebuilding import differing, marts_of
from spark_sessions import LOCAL, needs_spark

from orchestration import pipeline
from orchestration.compiled_project import Node
from orchestration.run import run_job
from orchestration.spark.dialect import translate
from orchestration.spark.relations import Relations
from orchestration.spark.session import spark_session
from promisekept.config.settings import Engine
from promisekept.errors import ConfigError

AS_OF = FIRST_DAY + timedelta(days=DAYS - 4)


@pytest.fixture(scope="module")
def build(tmp_path_factory) -> Iterator[pipeline.Build]:
    """All logs of a small organisation, built on Spark."""
    world = world_of_all_logs(tmp_path_factory.mktemp("spark") / "world")
    deliver(world, history(seed=7))
    settings = world.settings.model_copy(update={"engine": LOCAL})
    build = replace(world.prepare(AS_OF, now=AS_OF), settings=settings)
    pipeline.stage(build)
    pipeline.transform(build)
    return build


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


@needs_spark
@pytest.mark.slow
def test_every_model_and_test_of_the_project_is_portable(build):
    with build.connect() as connection:
        connection.execute(f"attach '{build.outgoing}' as outgoing")
        relations: dict[str, dict[str, str]] = {}
        for database, schema, table, column, kind in connection.execute(
            "select table_catalog, table_schema, table_name, column_name, data_type from information_schema.columns"
        ).fetchall():
            relations.setdefault(f"{database}.{schema}.{table}", {})[column] = kind
    for node in build.project.nodes.values():
        if node.resource_type != "seed" and not _recurs(node):
            translate(node.name, node.text, relations)


def _recurs(node: Node) -> bool:
    return "using key" in node.text


@needs_spark
@pytest.mark.slow
def test_what_executors_write_is_the_same_when_one_of_them_is_killed(tmp_path):
    conf = {**LOCAL.conf, "spark.driver.memory": "1g", "spark.sql.shuffle.partitions": "4"}
    cluster = LOCAL.model_copy(update={"master": "local-cluster[2,1,1024]", "conf": conf})
    text = "select n % 1000 as k, max(md5(cast(n as varchar))) as most from warehouse.run.numbers group by n % 1000"
    with spark_session(cluster) as session:
        relations = Relations(session, tmp_path)
        relations.show("warehouse.run.numbers", session.range(0, 1_000_000, 1, 8).toDF("n"))
        rows = session.sql(translate("most", text, relations.types))
        relations.store("warehouse.run.undisturbed", rows)
        first, *others = _executors(session.sparkContext.applicationId)
        assert others
        killing = Timer(0.3, os.kill, (first, signal.SIGKILL))
        killing.start()
        relations.store("warehouse.run.disturbed", rows)
        killing.join()
    files = [f"select * from '{relations.path(f'warehouse.run.{name}')}/*.parquet'" for name in ("undisturbed", "disturbed")]
    assert duckdb.execute(f"select count(*) from ({files[0]})").fetchall() == [(1000,)]
    assert duckdb.execute(f"({files[0]} except {files[1]}) union all ({files[1]} except {files[0]})").fetchall() == []


def _executors(application: str) -> list[int]:
    found = subprocess.run(["ps", "-wweo", "pid,args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [int(line.split()[0]) for line in found if "CoarseGrainedExecutorBackend" in line and application in line]


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
