"""Great Expectations, pushed down into DuckDB: suites in, counts out.

Here: everything that uses GX. It is imported (importing.py) when the first suite is evaluated and not before, because that takes
seconds; the context is ephemeral and analytics are off. Not here: what suites contain (suites/, loading.py), rules in our own
SQL (rules.py) or what follows from a result (publish_gate.py, source_gate.py). Results leave this module as counts: no
value of a row is asked for.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from expectations import importing
from expectations.loading import Expectation, GateError, Suite
from promisekept.publishing.verdict import Check, SuiteResult

if TYPE_CHECKING:
    from great_expectations.core.batch import Batch

# Asked for only where a suite failed: how many rows, none of them.
_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True, slots=True)
class SuiteTask:
    """One suite on one relation: a table of a schema, or the rows of a query."""

    suite: Suite
    schema: str
    table: str
    query: str | None = None
    source: str | None = None


Evaluate = Callable[[str, Sequence[SuiteTask]], list[SuiteResult]]


def evaluate(url: str, tasks: Sequence[SuiteTask]) -> list[SuiteResult]:
    """Evaluate each suite on its relation.

    Args:
        url: a URL of dialect.py.
        tasks: suites whose markers are resolved.

    Returns:
        One result per task, in order. An expectation that GX could not evaluate is loaded, not evaluated, and failed.

    Raises:
        GateError: GX dropped an expectation, or has no such type.
    """
    with _batches(url, tasks) as batches:
        return [_run(batch, task) for batch, task in zip(batches, tasks, strict=True)]


@contextmanager
def _batches(url: str, tasks: Sequence[SuiteTask]) -> Iterator[list[Batch]]:
    """The relation of each task. All are named to GX at once: it writes all of them whenever one is added."""
    gx = importing.load()
    from expectations import dialect

    dialect.register()
    for logger in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = {"globally": False}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`schema_name` is deprecated")  # one connection, several schemas
        datasource = context.data_sources.add_sql(
            "file",
            connection_string=url,
            create_temp_table=False,
            assets=[_asset(number, task) for number, task in enumerate(tasks)],
        )
    try:
        yield [asset.get_batch_definition("whole").get_batch() for asset in datasource.assets]
    finally:
        datasource.get_execution_engine().close()
        datasource.get_engine().dispose()
        dialect.close_all()


def _asset(number: int, task: SuiteTask) -> dict[str, Any]:
    named = {"name": f"{number}-{task.suite.name}", "batch_definitions": [{"name": "whole", "partitioner": None}]}
    if task.query is None:
        return named | {"type": "table", "table_name": task.table, "schema_name": task.schema}
    return named | {"type": "query", "query": task.query}


def _run(batch: Batch, task: SuiteTask) -> SuiteResult:
    from expectations.remembering import computed_once

    declared = task.suite.expectations
    suite = _gx_suite(task.suite)
    with computed_once():
        outcome = batch.validate(suite, result_format="BOOLEAN_ONLY")
        if not outcome.success:
            outcome = batch.validate(suite, result_format=_COUNTS_ONLY)
    found = {result.expectation_config.meta["place"]: result for result in outcome.results}
    evaluated = [found[place] for place in range(len(declared)) if place in found and not _raised(found[place])]
    return SuiteResult(
        suite=task.suite.name,
        subject=task.suite.subject,
        source=task.source,
        declared=len(declared),
        loaded=len(suite.expectations),
        evaluated=len(evaluated),
        checks=tuple(_check(expectation, found.get(place)) for place, expectation in enumerate(declared)),
    )


def _gx_suite(suite: Suite) -> Any:
    from great_expectations import ExpectationSuite
    from great_expectations.expectations.registry import get_expectation_impl

    expectations = [
        get_expectation_impl(one.type)(**one.kwargs, severity=one.severity, meta={"place": place, "guards": one.guards})
        for place, one in enumerate(suite.expectations)
    ]
    # Added one by one, each would be compared with all before it, in which GX takes a sixth of a small gate.
    built = ExpectationSuite(name=suite.name, expectations=expectations)
    if len(built.expectations) != len(expectations):
        raise GateError(
            f"{suite.file}: {len(expectations)} expectations declared, Great Expectations kept {len(built.expectations)}.\n"
            "  Write those that it dropped as rules, or take them out."
        )
    return built


def _raised(result: Any) -> bool:
    exceptions = result.exception_info or {}
    several = [exceptions] if "raised_exception" in exceptions else list(exceptions.values())
    return any(one.get("raised_exception") for one in several)


def _check(expectation: Expectation, result: Any | None) -> Check:
    passed = result is not None and bool(result.success) and not _raised(result)
    counts = {} if result is None else result.result
    unexpected = 0 if passed else counts.get("unexpected_count")
    rows = counts.get("element_count")
    return Check(
        type=expectation.type,
        column=expectation.about,
        severity=expectation.severity,
        guards=expectation.guards,
        passed=passed,
        rows=rows if isinstance(rows, int) else None,
        unexpected=unexpected if isinstance(unexpected, int) else None,
    )
