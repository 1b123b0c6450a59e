"""What models read that no model computes: landed rows, the pack, the instants of the run.

Here: landed rows as executors read them, file by file, and everything small as one file of Parquet each. Rows of a log never pass
through the driver. Not here: which files hold the rows that count (promisekept.sources.zone).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from orchestration.spark.relations import Relations
from promisekept.errors import LandingError
from promisekept.sources.contract import Log, contract
from promisekept.sources.sandbox import literal
from promisekept.sources.zone.batches import StoredFile, Zone

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_SMALL = ("landing", "run", "pack", "reference")


def landed_bytes(zone: Zone) -> int:
    """The size of the files that hold the rows that count.

    Raises:
        LandingError: one of them can't be reached.
    """
    try:
        return sum(file.path.stat().st_size for log in contract() for file in zone.stored(log))
    except OSError as error:
        raise LandingError(
            f"{error.filename}: can't be reached ({error.strerror}), although the ledger names it; nothing was built.\n"
            "  Connect the file system that holds home, or restore the file from a backup of home, and run again."
        ) from error


def show_sources(connection: duckdb.DuckDBPyConnection, relations: Relations, zone: Zone) -> None:
    """Show every relation that a run prepares in the warehouse.

    Args:
        connection: to the warehouse.
        relations: where they are shown.
        zone: what has landed, up to the watermark of the run.
    """
    logs = contract()
    for schema, name in connection.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_catalog = 'warehouse' and list_contains($1, table_schema)",
        [list(_SMALL)],
    ).fetchall():
        if schema == "landing" and name in logs:
            empty = show_table(connection, relations, f"warehouse.{schema}.{name}", "limit 0")
            rows = _landed(relations, empty, zone.stored(name)).fillna(_defaults(logs[name]))
            relations.show(f"warehouse.{schema}.{name}", rows)
        else:
            show_table(connection, relations, f"warehouse.{schema}.{name}")


def show_table(connection: duckdb.DuckDBPyConnection, relations: Relations, relation: str, limit: str = "") -> DataFrame:
    """Copy a small relation of the warehouse to where executors read it, and show it."""
    file = relations.path(f"{relation}.parquet")
    connection.execute(f"copy (select * from {relation} {limit}) to {literal(str(file))} (format parquet)")
    rows = relations.session.read.parquet(str(file))
    relations.show(relation, rows)
    return rows


def _defaults(log: Log) -> dict[str, int | str]:
    """What null means in a file that landed before a column was added to the contract."""
    return {name: int(text) if log.content[name] == "BIGINT" else text for name, text in log.defaults.items()}


def _landed(relations: Relations, empty: DataFrame, files: list[StoredFile]) -> DataFrame:
    """The rows of some files in the shape of a log; of a file that holds other batches too, those that count."""
    reader = relations.session.read.schema(empty.schema)
    whole = [str(file.path) for file in files if file.whole]
    rows = reader.parquet(*whole) if whole else empty
    for file in files:
        if not file.whole:
            part = reader.parquet(str(file.path))
            rows = rows.unionByName(part.where(part["batch_id"].isin(list(file.batches))))
    return rows
