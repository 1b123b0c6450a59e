"""A compiled model in Spark's dialect.

Here: the order in which a text is read, its columns and types resolved, and rules applied. Not here: what each rule does
(rules/), or running the result (session.py). The types come from the relations that a model reads: without them it is unknown
whether a difference is one of dates or of numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from orchestration.spark.rules import AFTER, BEFORE, FUNCTIONS, Rules
from orchestration.spark.rules.nodes import MADE, NotPortableError
from orchestration.spark.rules.queries import name_windows, rename_nested
from orchestration.spark.types import METADATA
from promisekept.errors import PromisekeptError

Relations = Mapping[str, Mapping[str, str]]
"""DuckDB's type of each column, by `database.schema.name` of a relation."""


class _AsWritten(DuckDB):
    """DuckDB's dialect with the index of an element as it is written: sqlglot would count some from zero and others from one."""

    INDEX_OFFSET = 0


class DialectError(PromisekeptError):
    """A model leaves the part of SQL that both engines read alike."""


def translate(name: str, text: str, relations: Relations) -> str:
    """The text of a model or test, for Spark.

    Args:
        name: of the model, for the message of an error.
        text: as dbt compiles it for DuckDB.
        relations: at least those that the text reads.

    Raises:
        DialectError: a construct has no rule; the message names it and its remedy.
    """
    try:
        tree = sqlglot.parse_one(text, dialect=_AsWritten)
        schema = _schema(tree, relations)
        rename_nested(tree)
        name_windows(tree)
        tree = _apply(tree, BEFORE)
        tree = qualify(
            tree, schema=schema, dialect="duckdb", validate_qualify_columns=False, quote_identifiers=False, identify=False
        )
        tree = annotate_types(tree, schema=schema, expression_metadata=METADATA, dialect="duckdb")
        tree = _apply(tree, {**AFTER, exp.Anonymous: _named})
        return tree.sql("spark", pretty=True)
    except NotPortableError as error:
        raise DialectError(f"model {name}: {error}") from error
    except SqlglotError as error:
        raise DialectError(
            f"model {name}: {str(error).splitlines()[0]}\n  Write it in the SQL that both engines read."
        ) from error


def _schema(tree: exp.Expr, relations: Relations) -> MappingSchema:
    """The columns of what a query reads; reading those of all relations for each query would take most of the time."""
    schema: dict[str, Any] = {}
    for relation in {f"{table.catalog}.{table.db}.{table.name}" for table in tree.find_all(exp.Table) if table.catalog}:
        if relation in relations:
            database, folder, name = relation.split(".")
            schema.setdefault(database, {}).setdefault(folder, {})[name] = dict(relations[relation])
    return MappingSchema(schema, dialect="duckdb")


def _apply(tree: exp.Expr, rules: Rules) -> exp.Expr:
    """Apply rules to every node, children before parents."""
    for node in reversed(list(tree.walk(bfs=True))):
        rule = rules.get(type(node))
        if rule is None:
            continue
        kind, parent = node.type, node.parent
        changed = rule(node)
        if changed is node:
            continue
        if changed.type is None:
            changed.type = kind
        if node is tree:
            tree = changed
        elif node.parent is parent:
            node.replace(changed)
    return tree


def _named(node: exp.Anonymous) -> exp.Expr:
    rule = FUNCTIONS.get(node.name.lower())
    if rule is None and node.name not in MADE:
        raise NotPortableError(
            f"the function {node.name.lower()}()", "one that both engines have, or add a rule to orchestration/spark/rules"
        )
    return node if rule is None else rule(node)
