"""The build database keeps deleted rows until they are many, and compresses nothing but the marts."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.checkpoints import KEEP_DELETED_ROWS, compress_marts_alone, reclaim_deleted_rows

ROWS = 500_000


def stored_and_there(database: Path) -> tuple[int, int]:
    """How many rows are stored in a table, and how many of them are not deleted."""
    with duckdb.connect(str(database), read_only=True) as connection:
        ((stored,),) = connection.execute("select estimated_size from duckdb_tables()").fetchall()
        ((there,),) = connection.execute("select count(*) from facts").fetchall()
    return stored, there


def test_deleted_rows_are_given_back_once_they_are_many(tmp_path):
    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(database), config=KEEP_DELETED_ROWS) as connection:
        connection.execute(f"create table facts as select range as key, repeat('x', 20) as text from range({ROWS})")
    for share, given_back in ((2, False), (6, True)):
        with duckdb.connect(str(database), config=KEEP_DELETED_ROWS) as connection:
            connection.execute(f"delete from facts where key % 10 < {share}")
            assert reclaim_deleted_rows(connection) == given_back
        there = ROWS - ROWS * share // 10
        assert stored_and_there(database) == (there if given_back else ROWS, there)


def test_a_connection_that_writes_something_else_does_not_write_all_tables_anew(tmp_path):
    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(database), config=KEEP_DELETED_ROWS) as connection:
        connection.execute(f"create table facts as select range as key from range({ROWS})")
        connection.execute(f"delete from facts where key < {ROWS // 10}")
    with duckdb.connect(str(database), config=KEEP_DELETED_ROWS) as connection:
        connection.execute("create table notes as select 1 as note; drop table notes")
    assert stored_and_there(database) == (ROWS, ROWS - ROWS // 10)


def test_marts_are_compressed_and_what_they_are_made_from_is_not(tmp_path):
    warehouse, marts = tmp_path / "warehouse.duckdb", tmp_path / "outgoing.duckdb"
    with duckdb.connect(str(warehouse), config=KEEP_DELETED_ROWS) as connection:
        connection.execute(f"attach '{marts}' as outgoing")
        for table in ("warehouse.facts", "outgoing.facts"):
            connection.execute(f"create table {table} as select 'a sentence ' || range % 10 as text from range({ROWS // 10})")
        compress_marts_alone(connection)
    assert stored_as(warehouse) == {"Uncompressed"}
    assert "Uncompressed" not in stored_as(marts)


def stored_as(database: Path) -> set[str]:
    """How the texts of a table are stored."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "select distinct compression from pragma_storage_info('facts') where segment_type = 'VARCHAR'"
        ).fetchall()
    return {compression for (compression,) in found}
