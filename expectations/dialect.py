"""A SQLAlchemy dialect through which Great Expectations can read DuckDB: `duckdb+buffered`.

Here: the dialect, and the URLs that open a file with it. Not here: which expectations are evaluated (engine.py).

GX reads a result after it has given its connection back, and duckdb-engine's cursor dies with its connection
(`IndexError` in every current combination). Here a cursor holds all rows from the moment it has executed, which are few
because GX asks for counts. Columns are reflected from `information_schema`: duckdb-engine asks the catalogue of
PostgreSQL and finds nothing in any schema but `main`. `tests/expectations/test_dialect.py` pins what this relies on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import duckdb
from duckdb_engine import ConnectionWrapper, CursorWrapper, Dialect
from sqlalchemy import text
from sqlalchemy.dialects import registry

from promisekept.publishing.reader import NO_EXTENSIONS, open_hardened

_ENGINE = ("memory_limit", "temp_directory")
_OPEN: list[duckdb.DuckDBPyConnection] = []  # GX keeps its connections in circles that only a search for garbage would find


class BufferedCursor(CursorWrapper):
    """A cursor that needs no connection once it has executed."""

    description: Any = None
    rowcount = -1

    def __init__(self, connection: duckdb.DuckDBPyConnection, wrapper: ConnectionWrapper) -> None:
        super().__init__(connection, wrapper)
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        """Run a statement and take all of its rows."""
        super().execute(statement, parameters, context)
        self.description = self._connection.description
        self._rows = self._connection.fetchall() if self.description else []

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None."""
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """The next rows."""
        rows, self._rows = self._rows[: size or 1], self._rows[size or 1 :]
        return rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        rows, self._rows = self._rows, []
        return rows


class BufferedConnection(ConnectionWrapper):
    """A connection that hands out buffered cursors."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        self._connection = connection
        _OPEN.append(connection)

    def cursor(self) -> BufferedCursor:
        """A cursor whose rows outlive the connection."""
        return BufferedCursor(self._connection, self)


class BufferedDialect(Dialect):
    """duckdb-engine's dialect with buffered cursors, read-only, reflecting every schema."""

    supports_statement_cache = False

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self._columns: dict[tuple[str, str], list[tuple[str, str, str]]] = {}

    def connect(self, *_: Any, **given: Any) -> BufferedConnection:
        """Open the file of a URL, read-only."""
        file = Path(given["database"])
        engine = {name: given["url_config"][name] for name in _ENGINE if name in given["url_config"]}
        if given["url_config"].get("beside") == "landing":
            connection = duckdb.connect(str(file), read_only=True, config=NO_EXTENSIONS | engine)
            connection.execute("set global TimeZone = 'UTC'")
            return BufferedConnection(connection)
        return BufferedConnection(open_hardened(file, engine=engine))

    def do_begin(self, *_: Any) -> None:
        """Nothing is written, so nothing needs a transaction."""

    def do_commit(self, *_: Any) -> None:
        """Nothing to keep."""

    def do_rollback(self, *_: Any) -> None:
        """Nothing to undo."""

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> list[dict[str, Any]]:
        """Name and type of each column, in any schema. A closed file is asked once for all of them."""
        if not self._columns:
            for place, *column in connection.execute(
                text(
                    "select (table_schema, table_name), column_name, data_type, is_nullable from information_schema.columns"
                    " order by table_schema, table_name, ordinal_position"
                )
            ).fetchall():
                self._columns.setdefault(tuple(place), []).append(tuple(column))
        kinds = self.ischema_names | {"double": self.ischema_names["double precision"]}  # by DuckDB's own name it is unknown
        return [
            {
                "name": name,
                "type": kinds.get(kind.split("(")[0].lower(), kinds["text"])(),
                "nullable": nullable == "YES",
                "default": None,
            }
            for name, kind, nullable in self._columns.get((schema or "main", str(table_name)), [])
        ]

    def get_pk_constraint(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Copies of marts carry no constraints."""
        return {"constrained_columns": [], "name": None}


def snapshot_url(file: Path, engine: Mapping[str, str] | None = None) -> str:
    """The URL of a closed DuckDB file: its tables can be read, and nothing else on this machine."""
    return _url(file, dict(engine or {}))


def warehouse_url(file: Path, engine: Mapping[str, str] | None = None) -> str:
    """The URL of the build database, read-only, whose views read landed Parquet files beside it."""
    return _url(file, {"beside": "landing", **(engine or {})})


def _url(file: Path, query: Mapping[str, str]) -> str:
    return f"duckdb+buffered:///{quote(str(file.absolute()))}" + (f"?{urlencode(query)}" if query else "")


def register() -> None:
    """Register the dialect with SQLAlchemy."""
    registry.register("duckdb.buffered", __name__, BufferedDialect.__name__)


def close_all() -> None:
    """Close every connection that this dialect opened, so that the files can be opened otherwise."""
    while _OPEN:
        _OPEN.pop().close()
