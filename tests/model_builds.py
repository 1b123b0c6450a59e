"""Some models in a warehouse: as the product executes them, or by dbt alone.

Here: making part of the project. Not here: a whole build, which the pipeline makes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import duckdb

from orchestration.compiled_project import CompiledProject
from orchestration.compiling import compiled_project
from orchestration.dbt_runner import OUTGOING, DbtRunner
from orchestration.execution import NodeResult, execute, prepare


def project() -> CompiledProject:
    """Every model, seed and test of the project."""
    return compiled_project()


def make(
    connection: duckdb.DuckDBPyConnection, names: Iterable[str], *, keep: Collection[str] = (), full_refresh: bool = True
) -> list[NodeResult]:
    """Make models, without their tests, and all that they read.

    Args:
        connection: to the warehouse, with `outgoing` attached.
        names: of the models.
        keep: models that stand as they should.
        full_refresh: from scratch; else what is incremental keeps the rows of unchanged keys.
    """
    found = project()
    ids = {node.name: name for name, node in found.built.items()}
    wanted: set[str] = set()
    open_ends = [ids[name] for name in names]
    while open_ends:
        name = open_ends.pop()
        if name not in wanted:
            wanted.add(name)
            open_ends += [one for one in found.nodes[name].reads if one in found.built]
    prepare(connection, full_refresh=False)
    return execute(connection, found, wanted - {ids[name] for name in keep}, full_refresh=full_refresh)


def by_dbt(home: Path, warehouse: Path, *arguments: str, unit_tests: bool = False) -> list[NodeResult]:
    """What `dbt build` makes with these arguments, each node in order of completion."""
    left_out = ["exposure", *([] if unit_tests else ["unit_test"])]
    outcome = DbtRunner(home, warehouse).invoke("build", "--exclude-resource-type", *left_out, *arguments)
    results = getattr(outcome.result, "results", None) or []
    found = [
        NodeResult(
            unique_id=result.node.unique_id,
            name=result.node.name,
            resource_type=str(result.node.resource_type.value),
            status=str(getattr(result.status, "value", result.status)),
            seconds=result.execution_time,
            failures=result.failures,
        )
        for result in results
    ]
    assert outcome.success, (outcome.exception, [result.message for result in results if result.message][:3])
    return found


def attached(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """A connection in UTC to a warehouse, with its marts; close it before dbt runs."""
    connection = duckdb.connect(str(warehouse))
    connection.execute(f"set global TimeZone = 'UTC'; attach '{warehouse.with_name(OUTGOING)}' as outgoing")
    return connection
