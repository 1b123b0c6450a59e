"""What a snapshot holds, and queries of one's own to it.

Here: the tables and columns with what they mean, and any SELECT, answered as an Arrow table. Not here: opening a snapshot in a
way that reads nothing else and writes nothing (reader.py), or the figures by period and dimension
(promisekept/assessment/figures.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import duckdb
import pyarrow as pa

from promisekept.errors import PublishingError
from promisekept.publishing.reader import SnapshotReader

_TABLES = """
    select schema, name, description
    from (
        select if(database_name = 'history', 'history', schema_name) as schema, table_name as name, comment as description
        from duckdb_tables()
    )
    where schema in ('marts', 'history')
    order by schema desc, name
"""
_COLUMNS = """
    select column_name as name, data_type as kind, comment as description
    from duckdb_columns()
    where if(database_name = 'history', 'history', schema_name) = $schema and table_name = $name
    order by column_index
"""


@dataclass(frozen=True, slots=True)
class TableDescription:
    """A table of a snapshot; `description` is None where the version that published it kept none."""

    schema: str
    name: str
    rows: int
    description: str | None

    @property
    def relation(self) -> str:
        """How a query names it."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    """A column of a table, with DuckDB's name of its type."""

    name: str
    kind: str
    description: str | None


def describe_tables(snapshot: SnapshotReader) -> list[TableDescription]:
    """The marts, and what depends on what was published before them; rows are counted, DuckDB's own size is an estimate."""
    return [_counted(snapshot, *row) for row in snapshot.cursor().execute(_TABLES).fetchall()]


def describe_columns(snapshot: SnapshotReader, table: str) -> tuple[TableDescription, list[ColumnDescription]]:
    """A table by its name, with or without its schema, and its columns in their order.

    Raises:
        PublishingError: the snapshot has no such table.
    """
    tables = snapshot.cursor().execute(_TABLES).fetchall()
    row = next((one for one in tables if table in (one[1], f"{one[0]}.{one[1]}")), None)
    if row is None:
        near = get_close_matches(table.rpartition(".")[2], [name for _, name, _ in tables], 1)
        raise PublishingError(
            f"{table}: snapshot {snapshot.id} has no such table.{f' Did you mean {near[0]}?' if near else ''}\n"
            "  `promisekept describe` lists the tables."
        )
    schema, name, description = row
    columns = snapshot.cursor().execute(_COLUMNS, {"schema": schema, "name": name}).fetchall()
    return _counted(snapshot, schema, name, description), [ColumnDescription(*column) for column in columns]


def _counted(snapshot: SnapshotReader, schema: str, name: str, description: str | None) -> TableDescription:
    ((rows,),) = snapshot.cursor().execute(f'select count(*) from {schema}."{name}"').fetchall()
    return TableDescription(schema, name, rows, description)


def answer(snapshot: SnapshotReader, query: str, values: Mapping[str, Any] | None = None) -> pa.Table:
    """The rows of one SELECT.

    Args:
        snapshot: an open one, which can read its own tables and nothing else.
        query: in DuckDB's SQL.
        values: bound to `$name`, never written into the text.

    Raises:
        PublishingError: it can't be answered; the message is DuckDB's first line, and what it proposes instead.
    """
    cursor = snapshot.cursor()
    try:
        (statement,) = cursor.extract_statements(query)
        if statement.type != duckdb.StatementType.SELECT:
            raise PublishingError(f"The query is no SELECT but {statement.type.name}.\n  A snapshot is only read.")
        return cursor.sql(query, params=dict(values or {})).to_arrow_table()
    except ValueError:
        raise PublishingError("The query is not one statement.\n  Ask one SELECT at a time.") from None
    except duckdb.Error as error:
        raise PublishingError(
            f"The query can't be answered: {_first_lines(str(error))}\n"
            "  `promisekept describe` lists the tables, `promisekept describe TABLE` its columns."
        ) from error


def _first_lines(message: str) -> str:
    first, *others = message.splitlines()
    proposed = next((line for line in others if line.startswith("Did you mean")), "")
    return f"{first} {proposed.replace(chr(34), '')}".rstrip()
