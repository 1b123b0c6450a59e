"""A recursive model: rounds of queries until one of them changes nothing.

Here: DuckDB's `with recursive ... using key`, whose rows replace those of the same key round by round. Each round is a query of
Spark's over the rows of the last, so that no process ever holds them all. Not here: what a round computes (the model).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot
from sqlglot import exp


@dataclass(frozen=True)
class Recursion:
    """The queries of a recursive model, in DuckDB's words.

    Attributes:
        name: of the CTE that recurs.
        columns: of its rows.
        keys: those of its columns that distinguish its rows.
        stored: what all rounds read, by name, each reading those before it.
        first: the rows to begin with.
        round: the rows that replace others, from those of the last round.
        result: what the model selects of the last rows.
    """

    name: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    stored: dict[str, str]
    first: str
    round: str
    result: str


def recursion(text: str, schema: str) -> Recursion | None:
    """The parts of a model that recurs; None of any other.

    Args:
        text: of a compiled model.
        schema: `database.schema`, in which its parts are relations.
    """
    if "recursive" not in text.lower():
        return None  # parsing two hundred models takes seconds
    tree = sqlglot.parse_one(text, dialect="duckdb")
    with_ = tree.args.get("with_")
    if with_ is None or not with_.args.get("recursive"):
        return None
    ctes = with_.expressions
    place = next(number for number, cte in enumerate(ctes) if cte.args.get("key_expressions"))
    recurring, before, after = ctes[place], ctes[:place], ctes[place + 1 :]
    columns = tuple(one.name for one in recurring.args["alias"].columns)
    keys = tuple(one.name for one in recurring.args["key_expressions"])
    kept = {cte.alias: cte for cte in before if cte.args.get("materialized")}
    names = {*kept, recurring.alias}
    stored = {
        name: _query(
            exp.select("*").from_(name), [one for one in before if one.alias != name or one is cte], names - {name}, schema
        )
        for name, cte in kept.items()
    }
    rest = [cte for cte in before if cte.alias not in kept]
    return Recursion(
        recurring.alias,
        columns,
        keys,
        stored,
        _query(recurring.this.left, rest, names, schema),
        _query(recurring.this.right, rest, names, schema),
        _query(_without_ctes(tree), [*rest, *after], names, schema),
    )


def _without_ctes(tree: exp.Expr) -> exp.Expr:
    bare = tree.copy()
    bare.set("with_", None)
    return bare


def _query(query: exp.Expr, ctes: list[exp.CTE], stored: set[str], schema: str) -> str:
    query = query.copy()
    if ctes:
        query.set("with_", exp.With(expressions=[cte.copy() for cte in ctes if cte.alias not in stored]))
    for cte in query.find_all(exp.CTE):
        cte.set("materialized", None)
    database, folder = schema.split(".")
    for table in list(query.find_all(exp.Table)):
        if table.name in stored and table.db in {"", "recurring"}:
            table.replace(exp.table_(table.name, db=folder, catalog=database, alias=table.alias or table.name))
    return query.sql("duckdb")
