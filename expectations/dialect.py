"""A SQLAlchemy dialect through which Great Expectations can read DuckDB: `duckdb+buffered`.

Here: the dialect, and the URLs that open a file with it. Not here: which expectations are evaluated (engine.py).

GX reads a result after it has given its connection back, and duckdb-engine's cursor dies with its connection
(`IndexError` in every current combination). Here a cursor holds the rows from the moment it has executed, which are few
because GX asks for counts; of a query that is to be checked it executes the whole, and reads the names of the columns alone.
Columns are reflected from `information_schema`: duckdb-engine asks the catalogue of PostgreSQL and finds nothing in any schema
but `main`. `tests/expectations/test_dialect.py` pins what this relies on.
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
_MOST_ROWS = 1_000
_OPEN: list[duckdb.DuckDBPyConnection] = []  # GX keeps its connections in circles that only a search for garbage would find


class BufferedCursor(CursorWrapper):
    """A cursor that needs no connection once it has executed; of many rows none can be read."""

    description: Any = None
    rowcount = -1

    def __init__(self, connection: duckdb.DuckDBPyConnection, wrapper: ConnectionWrapper) -> None:
        super().__init__(connection, wrapper)
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self._are_many = False

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        """Run a statement and take its rows."""
        super().execute(statement, parameters, context)
        self.description = self._connection.description
        self._rows = self._connection.fetchmany(_MOST_ROWS + 1) if self.description else []
        self._are_many = len(self._rows) > _MOST_ROWS

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None."""
        return next(iter(self._take(1)), None)

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """The next rows."""
        return self._take(size or 1)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        return self._take(len(self._rows))

    def _take(self, size: int) -> list[tuple[Any, ...]]:
        if self._are_many:
            raise duckdb.NotSupportedError(f"more than {_MOST_ROWS} rows: a gate asks for counts, and no row leaves the database")
        rows, self._rows = self._rows[:size], self._rows[size:]
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
        inserted = given["url_config"].get("inserted")
        return BufferedConnection(open_hardened(file, inserted=Path(inserted) if inserted else None, engine=engine))

    def do_begin(self, *_: Any) -> None:
        """Nothing is written, so nothing needs a transaction."""

    def do_commit(self, *_: Any) -> None:
        """Nothing to keep."""

    def do_rollback(self, *_: Any) -> None:
        """Nothing to undo."""

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> list[dict[str, Any]]:
        """Name and type of each column, in any schema. A closed file is asked once for all of them."""
        if not self._columns:
            columns = (
                "select table_schema, table_name, list((column_name, data_type, is_nullable) order by ordinal_position)"
                " from information_schema.columns where table_catalog = current_database() group by all"
            )
            self._columns = {(place, table): listed for place, table, listed in connection.execute(text(columns)).fetchall()}
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


def snapshot_url(file: Path, engine: Mapping[str, str] | None = None, *, inserted: Path | None = None) -> str:
    """The URL of a closed DuckDB file: its tables can be read, those of `inserted` as `inserted.*`, and nothing else here."""
    return _url(file, {**(engine or {}), **({"inserted": str(inserted)} if inserted else {})})


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
