"""Models made without dbt: the text that dbt compiles for a build from scratch, run by DuckDB in its order.

dbt spends some 50 ms on each node, whatever little it holds; a test of a rule at ten instants can't. Here: the models, compiled
once for all workers, and making some of them. Not here: what dbt does differently from build to build, which dbt must do, or the
tests beside the models, which every run of the whole pipeline makes. That both ways end in the same marts is tested
(tests/dbt_project/test_without_dbt.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable
from functools import cache

import duckdb
import pytest
from built_once import built_once

from orchestration.compiled_models import compiled_models
from promisekept.evidence.compiled_models import Models, Seed

_factory: list[pytest.TempPathFactory] = []


def share_with(factory: pytest.TempPathFactory) -> None:
    """Say where the workers of this run meet."""
    _factory[:] = [factory]


@cache
def models() -> Models:
    """Every model and seed of the project."""
    return compiled_models(built_once(_factory[0], "compiled", compiled_models))


def make(connection: duckdb.DuckDBPyConnection, names: Iterable[str], keep: Collection[str] = ()) -> None:
    """Make models and all that they read, from scratch.

    Args:
        connection: to the warehouse, with `outgoing` attached.
        names: of the models.
        keep: models that stand as they should.
    """
    found = models()
    for schema in ("warehouse.reference", "warehouse.staging", "warehouse.intermediate", "outgoing.marts"):
        connection.execute(f"create schema if not exists {schema}")
    there = "select concat_ws('.', database_name, schema_name, table_name) from duckdb_tables()"
    planted = {name for (name,) in connection.execute(there).fetchall()}
    for seed in found.seeds.values():
        if seed.relation not in planted:
            _plant(connection, seed)
    for name in found.behind(names):
        if name in keep:
            continue
        model = found.models[name]
        kind = "view" if model.is_view else "table"
        connection.execute(f"create or replace {kind} {model.relation} as {model.text}")


def _plant(connection: duckdb.DuckDBPyConnection, seed: Seed) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in seed.types.items())
    rows = list(csv.reader(io.StringIO(seed.text)))[1:]
    row = f"({', '.join('?' for _ in seed.types)})"
    connection.execute(f"create table {seed.relation} ({columns})")
    connection.execute(
        f"insert into {seed.relation} values {', '.join([row] * len(rows))}", [cell or None for row in rows for cell in row]
    )
