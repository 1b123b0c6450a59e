"""The source gate: may what was landed be relied on? It blocks nothing; its findings are an input of every metric.

Here: which suite goes with which log and source, and the table `run.source_verdicts`. Not here: the expectations (contracts.py
on the events, suites/deliveries/delivery.yml on what each source delivered) or what a verdict does to a figure (the models).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from expectations import rules
from expectations.contracts import log_suite
from expectations.deliveries import TABLE, measure
from expectations.engine import Evaluate, SuiteTask, evaluate
from expectations.loading import SUITES, Suite, load_suites, resolve
from promisekept.config.source import LOGS
from promisekept.publishing.reader import NO_EXTENSIONS
from promisekept.publishing.verdict import SuiteResult
from promisekept.sources.contract import contract

_PASSED = "create table if not exists run.passed_batches (counts_for varchar, log varchar, batch_id varchar, sha256 varchar)"


def run_source_gate(
    warehouse: Path,
    suites: Path = SUITES,
    evaluate: Evaluate = evaluate,
    engine: Mapping[str, str] | None = None,
    *,
    counts_for: str = "",
    anew: bool = True,
) -> list[SuiteResult]:
    """Evaluate the suites on every log, and on the deliveries of each of its sources; write `run.source_verdicts`.

    All that is expected of events is about single rows: of a log that passed before, the batches that have landed since are put
    to it, and every batch where one that passed no longer counts.

    Args:
        warehouse: the build database with the schemas landing, run and, where built, staging; nobody else has it open.
        suites: the folder that holds `deliveries`.
        evaluate: what evaluates, in this process or beside it.
        engine: DuckDB's settings for every connection: what it may take of the machine, and what it does as it writes.
        counts_for: that a batch passed counts only for the same.
        anew: put all batches to the suites, whatever passed before.

    Returns:
        One result per log on its events (`not_configured` where it has no source) and one per source.

    Raises:
        GateError: the suite on deliveries can't be read.
    """
    per_log = {log: log_suite(columns) for log, columns in contract().items()}
    delivery = load_suites(suites / "deliveries", "delivery")["delivery"]
    config = NO_EXTENSIONS | dict(engine or {})
    with duckdb.connect(str(warehouse), config=config) as connection:
        connection.execute("set global TimeZone = 'UTC'")
        sources = measure(connection, LOGS)
        rows = _rows(connection, {} if anew else _passed(connection, counts_for))
        (limits,) = connection.execute("select refused_rows from run.run_instants").fetchall()
    from expectations.dialect import warehouse_url

    url = warehouse_url(warehouse, engine)
    configured = [log for log in LOGS if any(log == other for other, _ in sources)]
    on_deliveries = _DeliverySuite(delivery, {"refused_rows": limits[0]})
    *expected, together = evaluate(
        url, [*(rows[log].task(per_log[log]) for log in configured), on_deliveries.together(len(sources))]
    )
    one_by_one = [] if together.verdict == "passed" else evaluate(url, [on_deliveries.alone(*source) for source in sources])
    with duckdb.connect(str(warehouse), config=config) as connection:
        events = [
            result.joined(rules.evaluate(connection, per_log[log], rows[log].relation))
            for log, result in zip(configured, expected, strict=True)
        ]
        results = [
            *events,
            *(one_by_one or [replace(together, suite=f"{log}.{source}", subject=log, source=source) for log, source in sources]),
            *(_not_configured(per_log[log]) for log in LOGS if log not in configured),
        ]
        _write(connection, results)
        _remember_passed(connection, counts_for, [result.log for result in events if result.verdict == "passed"])
    return results


@dataclass(frozen=True, slots=True)
class _Rows:
    """The events of a log, or those of some of its batches."""

    schema: str
    table: str
    batches: frozenset[str] | None = None

    @property
    def query(self) -> str | None:
        """For the events of those batches; None: all events of the table."""
        if self.batches is None:
            return None
        ids = ", ".join(f"'{batch}'" for batch in sorted(self.batches)) or "null"
        return f"select * from {self.schema}.{self.table} where batch_id in ({ids})"

    @property
    def relation(self) -> str:
        """What stands behind `from`."""
        return f"{self.schema}.{self.table}" if self.query is None else f"({self.query})"

    def task(self, suite: Suite) -> SuiteTask:
        """The suite on these rows."""
        return SuiteTask(suite, self.schema, self.table, self.query)


def _rows(connection: duckdb.DuckDBPyConnection, passed: Mapping[str, frozenset[str]]) -> dict[str, _Rows]:
    """Of each log the versions that count, or what landed while staging is not built; of one that passed, the new ones."""
    there = connection.execute("select table_name from information_schema.tables where table_schema = 'staging'").fetchall()
    staged = {name for (name,) in there}
    found = {}
    for log in LOGS:
        schema, table = ("staging", f"stg_{log}__events") if f"stg_{log}__events" in staged else ("landing", log)
        landed = connection.execute("select batch_id from landing.batches where log = $1 and not superseded", [log]).fetchall()
        new = frozenset(batch for (batch,) in landed) - passed.get(log, frozenset())
        found[log] = _Rows(schema, table, new if log in passed else None)
    return found


def _passed(connection: duckdb.DuckDBPyConnection, counts_for: str) -> dict[str, frozenset[str]]:
    """By log: its batches, all of which passed and still count."""
    connection.execute(_PASSED)
    found = connection.execute(
        """
        select passed.log, list(passed.batch_id)
        from run.passed_batches as passed
        left join landing.batches as batches
            on passed.log = batches.log and passed.batch_id = batches.batch_id
            and passed.sha256 is not distinct from batches.sha256
        group by passed.log
        having bool_and(passed.counts_for = $1 and batches.superseded is false)
        """,
        [counts_for],
    ).fetchall()
    return {log: frozenset(batches) for log, batches in found}


def _remember_passed(connection: duckdb.DuckDBPyConnection, counts_for: str, logs: Sequence[str]) -> None:
    """Note the batches of the logs that passed, all of which were put to their suite by now."""
    connection.execute(f"{_PASSED}; delete from run.passed_batches")
    connection.execute(
        "insert into run.passed_batches select $1, log, batch_id, sha256 from landing.batches"
        " where not superseded and log in (select unnest($2))",
        [counts_for, logs],
    )


@dataclass(frozen=True, slots=True)
class _DeliverySuite:
    """The suite on deliveries: on all sources at once, and on each alone where one of them fails."""

    suite: Suite
    thresholds: Mapping[str, float]

    def together(self, sources: int) -> SuiteTask:
        return SuiteTask(self._resolved(self.suite, sources), "run", TABLE)

    def alone(self, log: str, source: str) -> SuiteTask:
        query = f"select * from run.{TABLE} where log = '{log}' and source = '{source}'"
        named = replace(self.suite, name=f"{log}.{source}", subject=log)
        return SuiteTask(self._resolved(named, 1), "run", TABLE, query, source)

    def _resolved(self, suite: Suite, sources: int) -> Suite:
        return resolve(
            suite, {"threshold": lambda name: self.thresholds[name], "configured": lambda name: {"sources": sources}[name]}
        )


def _not_configured(suite: Suite) -> SuiteResult:
    return SuiteResult(suite.name, suite.subject, len(suite.expectations) + len(suite.rules), 0, 0, (), configured=False)


def _write(connection: duckdb.DuckDBPyConnection, results: Sequence[SuiteResult]) -> None:
    rows = []
    for log in LOGS:
        of_log = [result for result in results if result.log == log]
        verdicts = {result.verdict for result in of_log}
        worst = next(verdict for verdict in ("failed", "not_configured", "passed") if verdict in verdicts)
        rows.append(_row(log, None, log, worst, of_log))
        rows += [_row(log, result.source, result.suite, result.verdict, [result]) for result in of_log if result.source]
    connection.execute(
        "create or replace table run.source_verdicts (log varchar, source varchar, suite varchar, verdict varchar,"
        " declared bigint, passed bigint, failed_checks varchar[])"
    )
    connection.executemany("insert into run.source_verdicts values (?, ?, ?, ?, ?, ?, ?)", rows)


def _row(log: str, source: str | None, suite: str, verdict: str, results: Sequence[SuiteResult]) -> list[object]:
    failed = [f"{result.suite}: {check.name}" for result in results for check in result.failed]
    return [log, source, suite, verdict, sum(r.declared for r in results), sum(r.passed for r in results), failed]
