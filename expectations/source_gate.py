"""The source gate: may what was landed be relied on? It blocks nothing; its findings are an input of every metric.

Here: which suites judge which log and source, and the table `run.source_verdicts`. Not here: the expectations
(suites/sources/<log>.yml on the events, suites/deliveries/delivery.yml on what each source delivered) or what a verdict
does to a figure (the models).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from expectations.deliveries import TABLE, measure
from expectations.engine import Evaluate, Task, evaluate
from expectations.loading import SUITES, GateError, Resolver, Suite, load_suites, resolve
from promisekept.config.source import LOGS
from promisekept.publishing.reader import NO_EXTENSIONS
from promisekept.publishing.verdict import SuiteResult
from promisekept.sources.contract import contract


def run_source_gate(
    warehouse: Path, suites: Path = SUITES, evaluate: Evaluate = evaluate, engine: Mapping[str, str] | None = None
) -> list[SuiteResult]:
    """Judge every log, and what each of its sources delivered; write `run.source_verdicts`.

    Args:
        warehouse: the build database with the schemas landing, run and, where built, staging; nobody else has it open.
        suites: the folder that holds `sources` and `deliveries`.
        evaluate: what evaluates, in this process or beside it.
        engine: what DuckDB may take of the machine (`settings.engine.config`).

    Returns:
        One result per log on its events (`not_configured` where it has no source) and one per source.

    Raises:
        GateError: a suite can't be read, or a log has none.
    """
    per_log = load_suites(suites / "sources", "log")
    delivery = load_suites(suites / "deliveries", "delivery")["delivery"]
    if set(per_log) != set(LOGS):
        odd = ", ".join(sorted(set(per_log) ^ set(LOGS)))
        raise GateError(f"{suites / 'sources'}: suites and logs differ: {odd}.\n  Each log has exactly one suite.")
    with duckdb.connect(str(warehouse), config=NO_EXTENSIONS | dict(engine or {})) as connection:
        connection.execute("set global TimeZone = 'UTC'")
        sources = measure(connection, LOGS)
        relations = _relations(connection)
        (limits,) = connection.execute("select refused_rows from run.run_instants").fetchall()
    from expectations.dialect import warehouse_url

    url = warehouse_url(warehouse, engine)
    configured = [log for log in LOGS if any(log == other for other, _ in sources)]
    judge = _DeliveryJudge(delivery, {"refused_rows": limits[0]})
    *events, together = evaluate(
        url, [*(_events(per_log[log], *relations[log]) for log in configured), judge.together(len(sources))]
    )
    one_by_one = [] if together.verdict == "passed" else evaluate(url, [judge.alone(*source) for source in sources])
    results = [
        *events,
        *(one_by_one or [replace(together, suite=f"{log}.{source}", subject=log, source=source) for log, source in sources]),
        *(_not_configured(per_log[log]) for log in LOGS if log not in configured),
    ]
    _write(warehouse, results)
    return results


def _relations(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """Where the versions that count are; what landed, while staging is not built yet."""
    there = connection.execute("select table_name from information_schema.tables where table_schema = 'staging'").fetchall()
    staged = {name for (name,) in there}
    return {log: ("staging", f"stg_{log}__events") if f"stg_{log}__events" in staged else ("landing", log) for log in LOGS}


def _events(suite: Suite, schema: str, table: str) -> Task:
    columns = contract()[suite.subject]
    resolvers: dict[str, Resolver] = {"codes": lambda name: list(columns.column(name).codes)}
    return Task(resolve(suite, resolvers), schema, table)


@dataclass(frozen=True, slots=True)
class _DeliveryJudge:
    """The suite on deliveries: on all sources at once, and on each alone where one of them fails."""

    suite: Suite
    thresholds: Mapping[str, float]

    def together(self, sources: int) -> Task:
        return Task(self._resolved(self.suite, sources), "run", TABLE)

    def alone(self, log: str, source: str) -> Task:
        query = f"select * from run.{TABLE} where log = '{log}' and source = '{source}'"
        named = replace(self.suite, name=f"{log}.{source}", subject=log)
        return Task(self._resolved(named, 1), "run", TABLE, query, source)

    def _resolved(self, suite: Suite, sources: int) -> Suite:
        return resolve(
            suite, {"threshold": lambda name: self.thresholds[name], "judged": lambda name: {"sources": sources}[name]}
        )


def _not_configured(suite: Suite) -> SuiteResult:
    return SuiteResult(suite.name, suite.subject, len(suite.expectations), 0, 0, (), configured=False)


def _write(warehouse: Path, results: Sequence[SuiteResult]) -> None:
    rows = []
    for log in LOGS:
        of_log = [result for result in results if result.log == log]
        verdicts = {result.verdict for result in of_log}
        worst = next(verdict for verdict in ("failed", "not_configured", "passed") if verdict in verdicts)
        rows.append(_row(log, None, log, worst, of_log))
        rows += [_row(log, result.source, result.suite, result.verdict, [result]) for result in of_log if result.source]
    with duckdb.connect(str(warehouse), config=NO_EXTENSIONS) as connection:
        connection.execute(
            "create or replace table run.source_verdicts (log varchar, source varchar, suite varchar, verdict varchar,"
            " declared bigint, passed bigint, failed_checks varchar[])"
        )
        connection.executemany("insert into run.source_verdicts values (?, ?, ?, ?, ?, ?, ?)", rows)


def _row(log: str, source: str | None, suite: str, verdict: str, results: Sequence[SuiteResult]) -> list[object]:
    failed = [f"{result.suite}: {check.name}" for result in results for check in result.failed]
    return [log, source, suite, verdict, sum(r.declared for r in results), sum(r.passed for r in results), failed]
