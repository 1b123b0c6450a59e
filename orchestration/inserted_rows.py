"""The rows that a build inserts into large marts, kept until the next one, and the checks that all other rows are known to pass.

Here: what lets the publish gate put a check of single rows to the rows of a day. All others are those of a candidate, byte for
byte, of which the same program found that every row passes. Not here: inserting (execution.py), which checks are of single rows,
or evaluating them (expectations/). With the first build of a month every check looks at every row again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb

from expectations.rules import ReplacedBy
from orchestration.compiled_project import CompiledProject
from orchestration.execution import NodeResult
from orchestration.model_test_results import SAME_MONTH
from orchestration.versions import program_sha256
from promisekept.publishing.candidate import Candidate
from promisekept.publishing.content import INSERTED
from promisekept.publishing.verdict import Verdict

_TABLES = """
create table if not exists run.inserted_rows
(mart varchar primary key, rows bigint, hash hugeint, keys varchar, columns varchar[]);
create table if not exists run.audited_file (sha256 varchar, program_sha256 varchar);
create table if not exists run.passed_checks (mart varchar, name varchar, whole_at timestamptz)
"""


def begin(connection: duckdb.DuckDBPyConnection, marts: str | None) -> None:
    """Forget the rows of the build before, and the checks too unless they are of these very marts.

    Args:
        connection: to the warehouse.
        marts: the SHA-256 of the marts' file as the build finds it; None where it is not known.
    """
    connection.execute(
        f"drop table if exists run.inserted_rows; drop schema if exists {INSERTED} cascade; create schema {INSERTED}"
    )
    connection.execute(_TABLES)
    audited = connection.execute("select sha256, program_sha256 from run.audited_file").fetchall()
    if marts is None or audited != [(marts, program_sha256())]:
        connection.execute("delete from run.audited_file; delete from run.passed_checks")


def keep(connection: duckdb.DuckDBPyConnection, project: CompiledProject, results: Iterable[NodeResult]) -> None:
    """Note which rows a build inserted into large marts; a mart that was made twice may hold some that are not kept."""
    made = [result for result in results if project.nodes[result.unique_id].is_mart]
    names = [result.name for result in made]
    kept = [one for one in made if one.change is not None and names.count(one.name) == 1]
    if kept:
        rows = [(one.name, *_rows_and_hash(connection, one.name), *_keys(project, one)) for one in kept]
        connection.executemany("insert into run.inserted_rows values (?, ?, ?, ?, ?)", rows)


def _keys(project: CompiledProject, made: NodeResult) -> tuple[str, list[str]] | tuple[None, None]:
    """The relation of changed keys of which the inserted rows of a mart are all that there are, and their columns in it."""
    if not made.of_whole_keys:
        return None, None
    ((changed, columns),) = project.nodes[made.unique_id].changed_keys.items()
    return changed, list(columns.values())


def passed_checks(connection: duckdb.DuckDBPyConnection) -> dict[str, frozenset[str]]:
    """By mart whose inserted rows are kept: the checks that all other rows passed, but those whose month is over."""
    connection.execute(_TABLES)
    found = {}
    for name, *stated in connection.execute("select mart, rows, hash from run.inserted_rows").fetchall():
        if _rows_and_hash(connection, name) == tuple(stated):
            checks = connection.execute(
                f"select name from run.passed_checks cross join run.run_instants where mart = $1 and {SAME_MONTH}", [name]
            ).fetchall()
            found[name] = frozenset(check for (check,) in checks)
    return found


def replaced_by(connection: duckdb.DuckDBPyConnection) -> dict[str, ReplacedBy]:
    """By mart whose inserted rows are all that there are of some keys: these keys."""
    connection.execute(_TABLES)
    rows = connection.execute("select mart, keys, columns from run.inserted_rows where keys is not null").fetchall()
    return {mart: ReplacedBy(keys, frozenset(columns)) for mart, keys, columns in rows}


def _rows_and_hash(connection: duckdb.DuckDBPyConnection, mart: str) -> tuple[int, int]:
    """Of the kept rows, by which they are known again within a run; DuckDB's own hash takes a fifth of the time of RowSum."""
    query = f"select count(*), coalesce(sum(hash(kept)), 0) from {INSERTED}.{mart} as kept"
    ((rows, hashed),) = connection.execute(query).fetchall()
    return rows, hashed


def remember(connection: duckdb.DuckDBPyConnection, candidate: Candidate, verdict: Verdict) -> datetime | None:
    """Note which checks all rows of a candidate pass, if it may be published.

    Returns:
        As of when the checks that looked at inserted rows alone last looked at every row, at the earliest; None without any.
    """
    connection.execute(_TABLES)
    before = {(mart, name): at for mart, name, at in connection.execute("from run.passed_checks").fetchall()}
    checks = [(suite.subject, check) for suite in verdict.suites for check in suite.checks if check.passed]
    looked_before = {(mart, check.name): before[mart, check.name] for mart, check in checks if check.changed_only}
    looked_now = {(mart, check.name): candidate.provenance.as_of for mart, check in checks if not check.changed_only}
    connection.execute("delete from run.audited_file; delete from run.passed_checks")
    if verdict.success:
        connection.execute("insert into run.audited_file values ($1, $2)", [candidate.sha256, program_sha256()])
        looked = looked_before | looked_now
        columns = [[mart for mart, _ in looked], [name for _, name in looked], list(looked.values())]
        connection.execute("insert into run.passed_checks select unnest($1), unnest($2), unnest($3)", columns)
    return min(looked_before.values(), default=None)
