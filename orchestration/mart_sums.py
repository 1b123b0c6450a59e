"""The sum of all rows of each mart, carried from build to build by what each of them deletes and inserts.

Here: the table `run.mart_sums`, so that a day hashes the rows of a day. Not here: what a sum is (promisekept.publishing.content),
or counting deleted and inserted rows (execution.py). A sum counts only for the very file whose rows were summed; where that is
another, all its rows are read again, which also finds what is damaged in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple
from pathlib import Path

import duckdb

from orchestration.compiled_project import CompiledProject
from orchestration.execution import NodeResult
from promisekept.durable import file_sha256
from promisekept.publishing.candidate import Candidate
from promisekept.publishing.content import RowSum

_TABLE = """
create table if not exists run.mart_sums (mart varchar primary key, rows hugeint, hashed hugeint, low hugeint, high hugeint);
create table if not exists run.summed_file (sha256 varchar)
"""


def begin(connection: duckdb.DuckDBPyConnection, outgoing: Path) -> str | None:
    """Forget the sums, unless the marts are those whose rows were summed; call it before a build changes them.

    Args:
        connection: to the warehouse.
        outgoing: the file of the marts, which may not exist.

    Returns:
        The SHA-256 of the file; None where its rows were not summed.
    """
    connection.execute(_TABLE)
    summed = connection.execute("delete from run.summed_file returning sha256").fetchall()
    if summed and outgoing.is_file() and summed == [(sha256 := file_sha256(outgoing),)]:
        return sha256
    connection.execute("delete from run.mart_sums")
    return None


def carry(connection: duckdb.DuckDBPyConnection, project: CompiledProject, results: Iterable[NodeResult]) -> None:
    """Add what a build changed of marts; forget the sums of those that it made again."""
    sums = carried(connection)
    for result in results:
        if not project.nodes[result.unique_id].is_mart or result.name not in sums:
            continue
        if result.change is None:
            del sums[result.name]
        else:
            sums[result.name] += result.change
    _store(connection, sums)


def carried(connection: duckdb.DuckDBPyConnection) -> dict[str, RowSum]:
    """The sum of all rows by mart, of those that are known; none where `begin` did not see the file as the build found it."""
    connection.execute(_TABLE)
    if connection.execute("select 1 from run.summed_file").fetchall():
        return {}
    rows = connection.execute("select mart, rows, hashed, low, high from run.mart_sums").fetchall()
    return {name: RowSum(*map(int, sums)) for name, *sums in rows}


def remember(connection: duckdb.DuckDBPyConnection, candidate: Candidate) -> None:
    """Keep the sums of a candidate, which is a copy of the marts byte for byte."""
    _store(connection, candidate.sums)
    connection.execute("delete from run.summed_file; insert into run.summed_file values ($1)", [candidate.sha256])


def _store(connection: duckdb.DuckDBPyConnection, sums: Mapping[str, RowSum]) -> None:
    connection.execute("delete from run.mart_sums")
    rows = [(name, *astuple(total)) for name, total in sums.items()]
    if rows:
        connection.executemany("insert into run.mart_sums values (?, ?, ?, ?, ?)", rows)
