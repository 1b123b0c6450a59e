"""The build database keeps deleted rows until they are many."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.deleted_rows import KEEP_DELETED_ROWS, reclaim_deleted_rows

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
