"""What DuckDB and Spark write or compute otherwise: one rule per kind of node of the syntax tree.

Here: which rules there are. A rule before types replaces what the inference of types does not know; a rule after them may ask
what a column holds. Not here: reading and writing SQL (dialect.py). tests/orchestration/test_spark_rules.py runs each on both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from orchestration.spark.rules import aggregates, instants, lists, numbers, queries, texts

Rules = dict[type[exp.Expr], Callable[[Any], exp.Expr]]

BEFORE: Rules = {**instants.BEFORE, **queries.BEFORE}
AFTER: Rules = {**aggregates.AFTER, **instants.AFTER, **lists.AFTER, **numbers.AFTER, **queries.AFTER, **texts.AFTER}
FUNCTIONS: dict[str, Callable[[exp.Anonymous], exp.Expr]] = {**lists.FUNCTIONS, **numbers.FUNCTIONS, **texts.FUNCTIONS}
"""Functions of DuckDB that sqlglot does not know, by name."""
