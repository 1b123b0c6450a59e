"""Rules in our own SQL, counted by DuckDB: relations between the columns of a row, or between the rows of two marts.

Here: evaluating them. Rows that break a rule are counted, never fetched, so that no value leaves the database. Not here: the
rules (suites/), or what Great Expectations evaluates (engine.py).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any

import duckdb

from expectations.loading import Rule, Suite
from promisekept.publishing.content import SCHEMA
from promisekept.publishing.verdict import RULE, Check, SuiteResult, check_name

_OWN = "batch"


@dataclass(frozen=True, slots=True)
class ReplacedBy:
    """The relation of changed keys by which a build replaced rows of a mart, and the columns of the mart that they stand for."""

    relation: str
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Inserted:
    """The rows that a build inserted into a mart.

    Attributes:
        relation: where they are.
        passed: the names of the checks that all other rows passed.
        replaced_by: the keys of which they are all the rows that there are now; None where that is not known.
    """

    relation: str
    passed: Collection[str]
    replaced_by: ReplacedBy | None = None


def evaluate(
    connection: duckdb.DuckDBPyConnection,
    suite: Suite,
    relation: str,
    inserted: Mapping[str, Inserted] = MappingProxyType({}),
) -> SuiteResult:
    """Evaluate the rules of a suite.

    Args:
        connection: to the database of the relation.
        suite: whose queries are resolved.
        relation: `schema.table`; what a query calls `{batch}`.
        inserted: by mart, rows to which rules are put alone, if they are about single rows; and together with all rows of the
            same values, if they are about the rows of one value.

    Returns:
        Their result, without that of the expectations. A rule whose query fails is declared and not evaluated, so that the suite
        does not pass.
    """
    counts, checks = [], []
    for rule in suite.rules:
        own = inserted.get(suite.subject)
        is_known = own is not None and check_name(RULE, rule.name) in own.passed
        changed = _changed_rows(connection, rule, suite.subject, relation, inserted) if is_known else None
        counts.append(_broken_rows(connection, rule, changed or _whole(rule, relation)))
        checks.append(replace(_check(rule, counts[-1]), changed_only=changed is not None))
    evaluated = sum(count is not None for count in counts)
    return SuiteResult(suite.name, suite.subject, len(counts), len(counts), evaluated, tuple(checks))


def is_about_single_rows(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    """Whether a query takes rows of one table by a condition that looks at nothing but the row.

    Args:
        connection: to any database; the query is parsed there and not executed.
        query: which.
    """
    ((parsed,),) = connection.execute("select json_serialize_sql($1)", [query]).fetchall()
    found = json.loads(parsed)
    if found["error"] or len(found["statements"]) != 1:
        return False
    node = found["statements"][0]["node"]
    beyond = ("group_expressions", "group_sets", "having", "qualify", "sample", "modifiers")
    return (
        node["type"] == "SELECT_NODE"
        and node["from_table"]["type"] == "BASE_TABLE"
        and not node["from_table"]["sample"]
        and not node["cte_map"]["map"]
        and not any(node[part] for part in beyond)
        and not any(_reaches_further(one) for one in _expressions(node))
    )


def _expressions(parsed: Any) -> Iterator[dict[str, Any]]:
    """Every expression of a parsed query, however deep."""
    waiting = [parsed]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "class" in one:
                yield one
            one = one.values()
        waiting += [part for part in one if isinstance(part, dict | list)]


def _reaches_further(expression: Mapping[str, Any]) -> bool:
    """Whether an expression looks at other rows: a subquery, a window, or an aggregate, which a macro may hide, too."""
    if expression["class"] == "FUNCTION":
        return expression["function_name"] not in _functions_of_a_row()
    return expression["class"] in ("SUBQUERY", "WINDOW")


@cache
def _functions_of_a_row() -> frozenset[str]:
    """DuckDB's scalar functions, and its macros that consist of such."""
    with duckdb.connect() as connection:
        found = connection.execute(
            """
            select function_name, bool_and(function_type = 'scalar'),
                list(json_serialize_sql('select ' || macro_definition)) filter (function_type = 'macro')
            from duckdb_functions()
            group by all
            having bool_and(function_type in ('scalar', 'macro'))
            """
        ).fetchall()
    of_a_row = {name for name, is_scalar, _ in found if is_scalar}
    calls = {name: _called([json.loads(text) for text in texts]) for name, _, texts in found if texts}
    while more := {name for name, called in calls.items() if called is not None and called <= of_a_row} - of_a_row:
        of_a_row |= more
    return frozenset(of_a_row)


def _called(macro: list[Any]) -> set[str] | None:
    """The functions that the parsed definitions of a macro call; None where one does more than that."""
    expressions = list(_expressions(macro))
    if any(one["error"] for one in macro) or any(one["class"] in ("SUBQUERY", "WINDOW") for one in expressions):
        return None
    return {one["function_name"] for one in expressions if one["class"] == "FUNCTION"}


def meeting(relation: str, inserted: str, columns: Collection[str]) -> str:
    """A subquery of the rows of a relation that have the same values in some columns as an inserted one."""
    same = " and ".join(f"stored.{column} is not distinct from inserted.{column}" for column in columns)
    return f"(select stored.* from {relation} as stored semi join {inserted} as inserted on {same})"


def _whole(rule: Rule, relation: str) -> dict[str, str]:
    """The relations that a query calls by names in braces."""
    return {_OWN: relation} | {mart: f"{SCHEMA}.{mart}" for mart in rule.beside}


def _changed_rows(
    connection: duckdb.DuckDBPyConnection, rule: Rule, mart: str, relation: str, inserted: Mapping[str, Inserted]
) -> dict[str, str] | None:
    """What a rule needs to look at where no other row breaks it, by what its query calls it; None: all rows."""
    own = inserted[mart]
    if rule.within:
        marts = [own, *(inserted.get(other) for other in rule.beside)]
        if _are_replaced_together(marts, rule.within):
            return {name: one.relation for name, one in zip((_OWN, *rule.beside), marts, strict=True) if one}
        return None if rule.beside else {_OWN: _met(connection, relation, own.relation, rule.within)}
    single = is_about_single_rows(connection, f"select 1 as one {rule.query}".replace(f"{{{_OWN}}}", _OWN))
    return {_OWN: own.relation} if single else None


def _are_replaced_together(marts: Collection[Inserted | None], within: Collection[str]) -> bool:
    """Whether rows of the same values in these columns, of all these marts, were inserted if one of them was."""
    keys = {one.replaced_by if one else None for one in marts}
    found = next(iter(keys))
    return len(keys) == 1 and found is not None and found.columns <= set(within)


def _met(connection: duckdb.DuckDBPyConnection, relation: str, inserted: str, columns: Collection[str]) -> str:
    """The rows of a relation that meet inserted ones, looked up once: a rule may read them several times, and so may another."""
    met = f"met_{relation.replace('.', '_')}_by_{'_'.join(columns)}"
    found = meeting(relation, inserted, columns)
    try:
        connection.execute(f"create temp table if not exists {met} as from {found}")
    except duckdb.Error:
        return found  # which fails as the rule's own, so that it is not evaluated
    return met


def _broken_rows(connection: duckdb.DuckDBPyConnection, rule: Rule, relations: Mapping[str, str]) -> int | None:
    query = str(rule.query)
    for name, relation in relations.items():
        query = query.replace(f"{{{name}}}", relation)
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
