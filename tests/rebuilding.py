"""The marts as a build from scratch would make them, computed in memory beside an incremental one.

Here: landing, pack and instants of a build, and all models made of them. Not here: the build itself (orchestration/pipeline.py).
"""

from __future__ import annotations

import duckdb
import model_builds

from orchestration.pipeline import Build
from promisekept.publishing.content import mart_columns, table_sum

GIVEN = ("landing", "pack", "run")


def from_scratch(build: Build) -> dict[str, str]:
    """The content hash of every mart but audit_*."""
    with duckdb.connect(config={"threads": 1}) as db:
        db.execute("attach ':memory:' as warehouse; attach ':memory:' as outgoing; set global TimeZone = 'UTC'")
        db.execute(f"attach '{build.warehouse}' as built (read_only)")
        for schema in GIVEN:
            db.execute(f"create schema warehouse.{schema}")
            for table in _tables(db, schema):
                db.execute(f"create table warehouse.{schema}.{table} as from built.{schema}.{table}")
        model_builds.make(db, [node.name for node in model_builds.project().built.values()])
        return _hashes(db)


def marts_of(build: Build) -> dict[str, str]:
    """The same of the marts that a build made."""
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
