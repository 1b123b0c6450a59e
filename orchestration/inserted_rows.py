"""The rows that a build inserts into large marts, kept until the next one, and the rules that all other rows are known to keep.

Here: what lets the publish gate put a rule about single rows to the rows of a day. All others are those of a candidate, byte for
byte, of which the same program found that no row breaks the rule. Not here: inserting (execution.py), which rules are about
single rows, or evaluating them (expectations/). With the first build of a month every rule looks at every row again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb

from orchestration.compiled_project import CompiledProject
from orchestration.execution import NodeResult
from orchestration.model_test_results import SAME_MONTH
from orchestration.versions import program_sha256
from promisekept.publishing.candidate import Candidate
from promisekept.publishing.content import INSERTED
from promisekept.publishing.verdict import RULE, Verdict

_TABLES = """
create table if not exists run.inserted_rows (mart varchar primary key, rows bigint, hash hugeint);
create table if not exists run.audited_file (sha256 varchar, program_sha256 varchar);
create table if not exists run.kept_rules (mart varchar, rule varchar, whole_at timestamptz)
"""


def begin(connection: duckdb.DuckDBPyConnection, marts: str | None) -> None:
    """Forget the rows of the build before, and the rules too unless they are about these very marts.

    Args:
        connection: to the warehouse.
        marts: the SHA-256 of the marts' file as the build finds it; None where it is not known.
    """
    connection.execute(_TABLES)
    connection.execute(f"delete from run.inserted_rows; drop schema if exists {INSERTED} cascade; create schema {INSERTED}")
    audited = connection.execute("select sha256, program_sha256 from run.audited_file").fetchall()
    if marts is None or audited != [(marts, program_sha256())]:
        connection.execute("delete from run.audited_file; delete from run.kept_rules")


def keep(connection: duckdb.DuckDBPyConnection, project: CompiledProject, results: Iterable[NodeResult]) -> None:
    """Note which rows a build inserted into large marts; a mart that was made twice may hold some that are not kept."""
    made = [result for result in results if project.nodes[result.unique_id].is_mart]
    names = [result.name for result in made]
    kept = [one.name for one in made if one.change is not None and names.count(one.name) == 1]
    if kept:
        rows = [(name, *_rows_and_hash(connection, name)) for name in kept]
        connection.executemany("insert into run.inserted_rows values (?, ?, ?)", rows)


def kept_rules(connection: duckdb.DuckDBPyConnection) -> dict[str, frozenset[str]]:
    """By mart whose inserted rows are kept: the rules that no other row breaks, but those whose month is over."""
    connection.execute(_TABLES)
    found = {}
    for name, *stated in connection.execute("from run.inserted_rows").fetchall():
        if _rows_and_hash(connection, name) == tuple(stated):
            rules = connection.execute(
                f"select rule from run.kept_rules cross join run.run_instants where mart = $1 and {SAME_MONTH}", [name]
            ).fetchall()
            found[name] = frozenset(rule for (rule,) in rules)
    return found


def _rows_and_hash(connection: duckdb.DuckDBPyConnection, mart: str) -> tuple[int, int]:
    """Of the kept rows, by which they are known again within a run; DuckDB's own hash takes a fifth of the time of RowSum."""
    query = f"select count(*), coalesce(sum(hash(kept)), 0) from {INSERTED}.{mart} as kept"
    ((rows, hashed),) = connection.execute(query).fetchall()
    return rows, hashed


def remember(connection: duckdb.DuckDBPyConnection, candidate: Candidate, verdict: Verdict) -> datetime | None:
    """Note which rules no row of a candidate breaks, if it may be published.

    Returns:
        As of when the rules that looked at inserted rows alone last looked at every row, at the earliest; None without any.
    """
    connection.execute(_TABLES)
    before = {(mart, rule): at for mart, rule, at in connection.execute("from run.kept_rules").fetchall()}
    checks = [(suite.subject, check) for suite in verdict.suites for check in suite.checks if check.type == RULE and check.passed]
    looked_before = {(mart, check.column): before[mart, check.column] for mart, check in checks if check.changed_only}
    looked_now = {(mart, check.column): candidate.provenance.as_of for mart, check in checks if not check.changed_only}
    connection.execute("delete from run.audited_file; delete from run.kept_rules")
    if verdict.success:
        connection.execute("insert into run.audited_file values ($1, $2)", [candidate.sha256, program_sha256()])
        rows = [(*rule, at) for rule, at in (looked_before | looked_now).items()]
        connection.executemany("insert into run.kept_rules values (?, ?, ?)", rows)
    return min(looked_before.values(), default=None)
