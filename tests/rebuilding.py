"""The marts as a build from scratch would make them, computed in memory beside those of a build.

Here: landing, pack and instants of a build, and all models made of them. Not here: the build itself (orchestration/pipeline.py).
"""

from __future__ import annotations

import duckdb
import model_builds

from orchestration.pipeline import Build
from promisekept.publishing.content import LEFT_OUT_COLUMNS, mart_columns, table_sum

GIVEN = ("landing", "pack", "run")


def differing(build: Build) -> list[str]:
    """Each mart but audit_* that is not as a build from scratch makes it: a row by its first column, and what differs in it.

    And each table of the versions of contested events.
    """
    with in_memory(build) as db:
        model_builds.make(db, [node.name for node in model_builds.project().built.values()])
        found, expected = marts_of(build), _hashes(db)
        db.execute(f"attach '{build.outgoing}' as made (read_only)")
        marts = [_difference(db, mart) for mart in sorted(expected) if found.get(mart) != expected[mart]]
        return marts + [name for name in _tables(db, "staging") if name.endswith("__versions") and not _are_same(db, name)]


def in_memory(build: Build) -> duckdb.DuckDBPyConnection:
    """A connection to a warehouse in memory, with `outgoing` attached: what the models of a build are given, and no model."""
    db = duckdb.connect(config={"threads": 1})
    db.execute("attach ':memory:' as warehouse; attach ':memory:' as outgoing; set global TimeZone = 'UTC'")
    db.execute(f"attach '{build.warehouse}' as built (read_only)")
    for schema in GIVEN:
        db.execute(f"create schema warehouse.{schema}")
        for table in _tables(db, schema):
            db.execute(f"create table warehouse.{schema}.{table} as from built.{schema}.{table}")
    return db


def _difference(db: duckdb.DuckDBPyConnection, mart: str) -> str:
    names = [name for name in mart_columns(db, "outgoing")[mart] if name not in LEFT_OUT_COLUMNS]
    columns = ", ".join(names)
    made, rebuilt = (f"select {columns} from {database}.marts.{mart}" for database in ("made", "outgoing"))
    one = db.execute(f"{made} except all {rebuilt} order by all limit 1").fetchone()
    same_first = f"order by {names[0]} is distinct from $1, {columns} limit 1"
    other = db.execute(f"select * from ({rebuilt} except all {made}) {same_first}", [one[0] if one else None]).fetchone()
    if one is None or other is None or one[0] != other[0]:
        return f"{mart}: {one} in the build, {other} from scratch"
    cells = zip(names, one, other, strict=True)
    return f"{mart}, {names[0]} {one[0]}: " + "; ".join(f"{name} {a}, from scratch {b}" for name, a, b in cells if a != b)


def _are_same(db: duckdb.DuckDBPyConnection, staged: str) -> bool:
    made, rebuilt = f"from built.staging.{staged}", f"from warehouse.staging.{staged}"
    return not db.execute(f"({made} except all {rebuilt}) union all by name ({rebuilt} except all {made})").fetchall()


def marts_of(build: Build) -> dict[str, str]:
    """The content hash of every mart but audit_*."""
    with duckdb.connect() as db:
        db.execute(f"set global TimeZone = 'UTC'; attach '{build.outgoing}' as outgoing (read_only)")
        return _hashes(db)


def _hashes(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    db.execute("use outgoing")
    columns = mart_columns(db, "outgoing")
    hashes = {mart: table_sum(db, mart, columns[mart]).hash for mart in columns if not mart.startswith("audit_")}
    db.execute("use memory")
    return hashes


def _tables(db: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    found = db.execute(
        "select table_name from information_schema.tables where table_catalog = 'built' and table_schema = ?", [schema]
    )
    return [str(name) for (name,) in found.fetchall()]
