"""The results of the models' own tests, kept in the warehouse until a snapshot is published.

Here: the table `run.model_tests`, and which marts lack a tested key. Not here: running tests (execution.py), or what is
made of it (the verdict carries it).
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from orchestration.compiled_project import CompiledProject
from orchestration.execution import NodeResult
from promisekept.publishing.verdict import ModelTest


def remember(connection: duckdb.DuckDBPyConnection, results: Iterable[NodeResult], *, anew: bool = False) -> None:
    """Keep the last result of each test: not every test runs every day.

    Args:
        connection: to the warehouse.
        results: of models, seeds and tests; the tests among them are kept.
        anew: forget earlier results.
    """
    if anew:
        connection.execute("drop table if exists run.model_tests")
    connection.execute("create table if not exists run.model_tests (name varchar primary key, status varchar, failures bigint)")
    ran = [(result.name, result.status, result.failures or 0) for result in results if result.resource_type == "test"]
    if ran:
        values = [list(column) for column in zip(*ran, strict=True)]
        connection.execute("insert or replace into run.model_tests select unnest($1), unnest($2), unnest($3)", values)


def remembered(connection: duckdb.DuckDBPyConnection) -> tuple[ModelTest, ...]:
    """What is kept, in order of the names."""
    return tuple(ModelTest(*row) for row in connection.execute("from run.model_tests order by name").fetchall())


def without_tested_key(project: CompiledProject, tests: Iterable[ModelTest], marts: Iterable[str]) -> tuple[str, ...]:
    """The marts of whose key no test passed when it last ran, by name."""
    passed = {test.name for test in tests if test.status == "pass"}
    keyed = {project.nodes[test.key_of].name for test in project.tests.values() if test.key_of and test.name in passed}
    return tuple(sorted(set(marts) - keyed))
