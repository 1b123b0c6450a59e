"""The models of a build, computed on Spark.

Here: the order in which they are made, where each is stored, and how DuckDB reads them afterwards. Not here: what becomes of the
marts (pipeline.py), the session (session.py) or the dialect (dialect.py).

Every model becomes Parquet below `home/spark/`, which executors write. In the warehouse stand views over it, so that the tests of
the models and every tool that asks the warehouse read the very files. The marts alone are copied, into the file from which a
snapshot is made: a snapshot is one file that needs neither Spark nor this home.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration.compiled_project import CompiledProject, Node
from orchestration.dbt_runner import TransformError
from orchestration.execution import SIDE_BY_SIDE, NodeResult, Queue, replace_table
from orchestration.progress import NodeProgress
from orchestration.spark.dialect import translate
from orchestration.spark.faults import in_our_words
from orchestration.spark.recursion import Recursion, recursion
from orchestration.spark.relations import Relations
from orchestration.spark.session import spark_session
from orchestration.spark.sources import landed_bytes, show_sources, show_table
from promisekept.config.settings import Settings
from promisekept.sources.sandbox import literal
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.ledger import Ledger

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FOLDER = "spark"
_RECURSION = "warehouse.recursion"
_ROUNDS = 100
_SILENT = 10.0
"""Seconds after which the tasks of the models that run are reported."""


@contextmanager
def build_on_spark(
    connection: duckdb.DuckDBPyConnection, project: CompiledProject, settings: Settings, known_seq: int
) -> Iterator[SparkBuild]:
    """A build whose models Spark computes; what an earlier one left behind is removed.

    Args:
        connection: to the warehouse, with `outgoing` attached and staging made.
        project: whose models.
        settings: whose home and engine.
        known_seq: the watermark of the run.

    Raises:
        ConfigError: Spark can't be started here.
    """
    home = settings.home / FOLDER
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)  # an executor of a run that was killed may be writing into it still
    zone = Zone(settings.home, Ledger.open(settings.home), known_seq)
    with spark_session(settings.engine, landed_bytes(zone)) as session:
        relations = Relations(session, Path(tempfile.mkdtemp(prefix="build-", dir=home)))
        with in_our_words("reading what landed", session, settings):
            show_sources(connection, relations, zone)
        yield SparkBuild(connection, project, relations, settings)


class SparkBuild:
    """The models that are made so far."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, project: CompiledProject, relations: Relations, settings: Settings
    ) -> None:
        self._connection = connection
        self._project = project
        self._relations = relations
        self._settings = settings

    def read_again(self, relation: str) -> None:
        """Show a small relation of the warehouse as it is now."""
        show_table(self._connection, self._relations, relation)

    def make(self, wanted: set[str], progress: NodeProgress | None = None) -> list[NodeResult]:
        """Compute models, each after those that it reads, two at a time.

        Args:
            wanted: unique ids of models; seeds and what the run prepared are there already.
            progress: receives each result, how many models are done and how many there are; of long models, their tasks.

        Raises:
            TransformError: a model failed; the message names it with Spark's own words.
        """
        nodes = {name: self._project.nodes[name] for name in wanted}
        queue = Queue({name: wanted.intersection(node.reads) for name, node in nodes.items()})
        results: list[NodeResult] = []
        running: dict[Future[NodeResult], str] = {}
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            while queue.is_active():
                for name in queue.start():
                    running[pool.submit(self._compute, nodes[name])] = name
                done, _ = wait(running, timeout=_SILENT, return_when=FIRST_COMPLETED)
                if not done and progress is not None:
                    tasks = {nodes[name].name: self._tasks(nodes[name].name) for name in running.values()}
                    progress.underway(tasks, len(results), len(wanted))
                for one in done:
                    queue.end(running.pop(one), out_of_memory=False)
                    result = one.result()
                    self._keep(nodes[result.unique_id])
                    results.append(result)
                    if progress is not None:
                        progress(result, len(results), len(wanted))
        return results

    def _tasks(self, name: str) -> tuple[int, int]:
        """Of the tasks of a model that Spark knows by now: how many are done, and how many there are."""
        tracker = self._relations.session.sparkContext.statusTracker()
        jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(name)]
        stages = [tracker.getStageInfo(stage) for job in jobs if job is not None for stage in job.stageIds]
        listed = [stage for stage in stages if stage is not None]
        return sum(stage.numCompletedTasks for stage in listed), sum(stage.numTasks for stage in listed)

    def _compute(self, node: Node) -> NodeResult:
        began = time.monotonic()
        with in_our_words(f"model {node.name}", self._relations.session, self._settings):
            self._relations.session.sparkContext.setJobGroup(node.name, node.name)
            recurring = recursion(node.text, _RECURSION)
            text = node.text if recurring is None else self._recur(node.name, recurring)
            rows = self._query(node.name, text)
            if node.materialized == "view" and not node.is_mart:
                self._relations.show(node.relation, rows)
            else:
                self._relations.store(node.relation, rows)
        return NodeResult(node.unique_id, node.name, node.resource_type, "success", time.monotonic() - began)

    def _query(self, name: str, text: str) -> DataFrame:
        return self._relations.session.sql(translate(name, text, self._relations.types))

    def _recur(self, name: str, model: Recursion) -> str:
        """Compute the rows that recur; the query that is left."""
        relations, relation = self._relations, f"{_RECURSION}.{model.name}"
        for stored, text in model.stored.items():
            relations.store(f"{_RECURSION}.{stored}", self._query(name, text))
        rows = self._query(name, model.first).toDF(*model.columns)
        for number in range(_ROUNDS):
            rows = relations.write(f"{relation}_{number}", rows)
            relations.show(relation, rows)
            changed = self._query(name, model.round).toDF(*model.columns)
            changed = relations.write(f"{relation}_changed_{number}", changed)
            if changed.isEmpty():
                return model.result
            rows = rows.join(changed, list(model.keys), "left_anti").select(*model.columns).unionByName(changed)
        raise TransformError(f"dbt_project: model {name} changes after {_ROUNDS} rounds still.")

    def _keep(self, node: Node) -> None:
        """Let DuckDB read what was made: a mart as a table under its contract, any other model as a view."""
        if node.materialized == "view" and not node.is_mart:
            if node.schema != "staging":
                replace_table(self._connection, node, node.text)
            return
        files = literal(f"{self._relations.path(node.relation)}/*.parquet")
        text = f"select * from read_parquet({files})"
        if node.is_mart:
            replace_table(self._connection, node, text)
        elif node.schema != "staging":
            self._connection.execute(f"create or replace view {node.relation} as {text}")
