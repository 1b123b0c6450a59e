"""What DuckDB does when it writes a build into its files: give back the room of deleted rows, and compress.

Here: the settings of connections to the build database. Not here: deleting (execution.py), or how the table of one model is
stored (meta.compression). A checkpoint that gives back room writes large parts of tables anew: four processor seconds at ten
million events, for the forty thousand rows of a day.
"""

from __future__ import annotations

import duckdb

KEEP_DELETED_ROWS = {"max_vacuum_tasks": "0"}
"""DuckDB's setting under which a checkpoint only notes which rows are deleted. Every connection that writes needs it: the first
one without it would write all that the others left."""
MOST_DELETED = 0.25
"""The share of stored rows from which on DuckDB may give back their room."""


def reclaim_deleted_rows(connection: duckdb.DuckDBPyConnection) -> bool:
    """Let the checkpoint that follows give back the room of deleted rows, if they are many in the databases of a connection.

    Returns:
        Whether it will.
    """
    tables = connection.execute(
        "select format('{}.{}.{}', database_name, schema_name, table_name), estimated_size from duckdb_tables()"
        " where not temporary"
    ).fetchall()
    # What DuckDB estimates counts deleted rows; what it counts does not.
    stored = sum(size for _, size in tables)
    there = sum(rows for table, _ in tables for (rows,) in connection.execute(f"select count(*) from {table}").fetchall())
    if stored - there <= MOST_DELETED * stored:
        return False
    connection.execute("reset global max_vacuum_tasks")
    return True


def compress_marts_alone(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the marts now, and let the checkpoint of the warehouse that follows leave out what takes longer than writing.

    A snapshot keeps the marts. Most tables of the warehouse are replaced by the next build, which reads them sooner as they are.

    Args:
        connection: to the warehouse, with `outgoing` attached; nothing else is built by it.
    """
    connection.execute("checkpoint outgoing; pragma force_compression = 'uncompressed'")
