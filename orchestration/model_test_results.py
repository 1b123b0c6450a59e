"""The results of the models' own tests, kept in the warehouse until a snapshot is published.

Here: the table `run.model_tests`, and which marts lack a tested key. Not here: running tests (execution.py), or what is
made of it (the verdict carries it).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb

from orchestration.compiled_project import CompiledProject
from orchestration.execution import NodeResult
from promisekept.publishing.verdict import ModelTest

_TABLE = """
create table if not exists run.model_tests
(name varchar primary key, status varchar, failures bigint, changed_only boolean, whole_at timestamptz)
"""
SAME_MONTH = "date_trunc('month', timezone(time_zone, whole_at)) = date_trunc('month', timezone(time_zone, as_of))"
"""Whether the month of this build, in the organisation's zone, is that in which something last looked at every row."""


def remember(connection: duckdb.DuckDBPyConnection, results: Iterable[NodeResult], *, anew: bool = False) -> None:
    """Keep the last result of each test: not every test runs every day.

    Args:
        connection: to the warehouse.
        results: of models, seeds and tests; the tests among them are kept.
        anew: forget earlier results.
    """
    if anew:
        connection.execute("drop table if exists run.model_tests")
    connection.execute(_TABLE)
    tests = (result for result in results if result.resource_type == "test")
    ran = [(result.name, result.status, result.failures or 0, result.changed_only) for result in tests]
    if ran:
        values = [list(column) for column in zip(*ran, strict=True)]
        connection.execute(
            """
            insert or replace into run.model_tests
            select ran.*, case when ran.changed_only then earlier.whole_at else as_of end as whole_at
            from (select unnest($1) as name, unnest($2), unnest($3), unnest($4) as changed_only) as ran
            cross join run.run_instants
            left join run.model_tests as earlier on ran.name = earlier.name
            """,
            values,
        )


def remembered(connection: duckdb.DuckDBPyConnection) -> tuple[ModelTest, ...]:
    """What is kept, in order of the names."""
    rows = connection.execute("select name, status, failures, changed_only from run.model_tests order by name").fetchall()
    return tuple(ModelTest(*row) for row in rows)


def passed(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The tests that no row failed when they last ran, and that looked at every row in the month of this build."""
    rows = connection.execute(
        f"select name from run.model_tests cross join run.run_instants where status = 'pass' and {SAME_MONTH}"
    ).fetchall()
    return frozenset(name for (name,) in rows)


def whole_at(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """As of when the tests that looked at changed rows alone last looked at every row, at the earliest."""
    ((at,),) = connection.execute("select min(whole_at) from run.model_tests where changed_only").fetchall()
    return at


def without_tested_key(project: CompiledProject, tests: Iterable[ModelTest], marts: Iterable[str]) -> tuple[str, ...]:
    """The marts of whose key no test passed when it last ran, by name."""
    passed = {test.name for test in tests if test.status == "pass"}
    keyed = {project.nodes[test.key_of].name for test in project.tests.values() if test.key_of and test.name in passed}
    return tuple(sorted(set(marts) - keyed))
