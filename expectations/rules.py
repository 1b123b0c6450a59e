"""Rules in our own SQL, counted by DuckDB: relations between the columns of a row, or between the rows of two marts.

Here: evaluating them. Rows that break a rule are counted, never fetched, so that no value leaves the database. Not here: the
rules (suites/), or what Great Expectations evaluates (engine.py).
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from expectations.loading import Rule, Suite
from promisekept.publishing.verdict import RULE, Check, SuiteResult


def evaluate(connection: duckdb.DuckDBPyConnection, suite: Suite, relation: str, result: SuiteResult) -> SuiteResult:
    """Add the rules of a suite to what Great Expectations found of it.

    Args:
        connection: to the database of the relation.
        suite: whose queries are resolved.
        relation: `schema.table`; what a query calls `{batch}`.
        result: of the expectations of the same suite.

    Returns:
        The result of both. A rule whose query fails is declared and not evaluated, so that the suite does not pass.
    """
    counts = [_broken_rows(connection, rule, relation) for rule in suite.rules]
    return replace(
        result,
        declared=result.declared + len(counts),
        loaded=result.loaded + len(counts),
        evaluated=result.evaluated + sum(count is not None for count in counts),
        checks=(*result.checks, *(_check(rule, count) for rule, count in zip(suite.rules, counts, strict=True))),
    )


def _broken_rows(connection: duckdb.DuckDBPyConnection, rule: Rule, relation: str) -> int | None:
    query = str(rule.query).replace("{batch}", relation)
    try:
        ((count,),) = connection.execute(f"select count(*) from (select 1 as one {query})").fetchall()
    except duckdb.Error:
        return None
    return int(count)


def _check(rule: Rule, count: int | None) -> Check:
    return Check(
        type=RULE,
        column=rule.name,
        severity=rule.severity,
        guards=rule.guards,
        passed=count == 0,
        unexpected=count,
        beside_figures=rule.beside_figures,
    )
