"""Rows of any database that SQLAlchemy has a driver for, as texts.

Here: the query with its range around it, values as texts, and what of an error may be shown. The driver is the operator's to
install; the transaction is rolled back in every case. Not here: chunks, or when to try again.

A driver's message may quote the URL or a row, so errors are shown by their kind.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from promisekept.config.credentials import read_credential
from promisekept.config.readers import Sql
from promisekept.config.source import Source
from promisekept.errors import LandingError
from promisekept.sources.extract.chunks import Piece
from promisekept.sources.extract.cursors import CursorKind, CursorRange
from promisekept.sources.extract.retry import CutOffError

_BATCH_ROWS = 5_000


def rows(source: Source, reader: Sql, cursor_range: CursorRange, most: int | None = None) -> Generator[Piece]:
    """The rows of a range, in the order of the cursor.

    Args:
        source: whose.
        reader: its reader.
        cursor_range: the range; without an end up to the last row that there is.
        most: no more than so many rows.

    Raises:
        ConfigError: the URL can't be had.
        CutOffError: the connection could not be made, or broke; the same may be asked again.
        LandingError: there is no such driver, the database refuses the query, or a row has no cursor.
    """
    where = f"sources.{source.name}.reader"
    key = "url_env" if reader.url_env is not None else "url_file"
    engine = _engine(where, read_credential(f"{where}.{key}", reader.address.env, reader.address.file))
    try:
        with _connect(where, engine) as connection:
            names = _names(where, reader, connection)
            _check_cursor(where, reader, connection)
            stream = connection.execution_options(stream_results=True, max_row_buffer=_BATCH_ROWS)
            result = stream.execute(_query(reader, cursor_range, most))
            for batch in result.partitions(_BATCH_ROWS):
                yield _piece(where, reader, names, batch)
    except SQLAlchemyError as error:
        raise _describe(where, error) from None
    finally:
        engine.dispose()


def _connect(where: str, engine: sa.Engine) -> sa.Connection:
    try:
        return engine.connect()
    except SQLAlchemyError as error:
        raise CutOffError(
            f"{where}: no connection ({_driver(error)}).\n"
            "  See whether the database runs and can be reached from here, and whether the credential is right."
        ) from None


def _engine(where: str, url: str) -> sa.Engine:
    try:
        return sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    except NoSuchModuleError as error:
        dialect = re.search(r"sqlalchemy\.dialects:([\w.]+)", str(error))
        raise LandingError(
            f"{where}: SQLAlchemy has no dialect `{dialect[1] if dialect else '?'}`.\n  Install the package that brings it."
        ) from None
    except ArgumentError:
        raise LandingError(
            f"{where}: the URL can't be read.\n"
            "  Write it as DIALECT+DRIVER://USER:PASSWORD@HOST/DATABASE, special characters as %XX."
        ) from None
    except ModuleNotFoundError as error:
        raise LandingError(
            f"{where}: its driver `{error.name}` is not installed.\n  Install it beside promisekept:  uv pip install {error.name}"
        ) from None


def _inner(reader: Sql) -> sa.Subquery:
    query = reader.query.strip().rstrip(";") + "\n"
    escaped = re.sub(r"(?<!:):(?=\w)", r"\\:", query)
    columns: list[sa.ColumnClause[Any]] = [] if reader.cursor is None else [sa.column(reader.cursor)]
    return sa.text(escaped).columns(*columns).subquery("pulled")


def _names(where: str, reader: Sql, connection: sa.Connection) -> list[str]:
    """The columns of the query."""
    found: sa.CursorResult[Any] = connection.execute(
        sa.select(sa.literal_column("*")).select_from(_inner(reader)).where(sa.false())
    )
    names = list(found.keys())
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise LandingError(
            f"{where}.query: it yields `{twice[0]}` more than once.\n  Give each column a name of its own with `as`."
        )
    if reader.cursor is not None and reader.cursor not in names:
        raise LandingError(
            f"{where}.cursor: the query yields no column `{reader.cursor}`.\n"
            f"  It yields: {', '.join(names)}\n  Add it to the query."
        )
    return names


def _check_cursor(where: str, reader: Sql, connection: sa.Connection) -> None:
    if reader.cursor is None:
        return
    inner = _inner(reader)
    missing: sa.Select[Any] = (
        sa.select(sa.literal_column("1")).select_from(inner).where(inner.c[reader.cursor].is_(None)).limit(1)
    )
    if connection.execute(missing).first() is not None:
        raise LandingError(
            f"{where}.cursor: `{reader.cursor}` is null in some rows, so that it does not show which rows are new.\n"
            "  Let the query give them a value (coalesce), leave them out, or use another column."
        )


def _query(reader: Sql, cursor_range: CursorRange, most: int | None) -> sa.Select[Any]:
    inner = _inner(reader)
    query: sa.Select[Any] = sa.select(sa.literal_column("*")).select_from(inner)
    if reader.cursor is not None:
        column = inner.c[reader.cursor]
        if cursor_range.low is not None:
            low = _value(cursor_range, cursor_range.low)
            query = query.where(column >= low if cursor_range.inclusive else column > low)
        if cursor_range.upto is not None:
            query = query.where(column <= _value(cursor_range, cursor_range.upto))
        query = query.order_by(column)
    return query if most is None else query.limit(most)


def _value(cursor_range: CursorRange, text: str) -> Any:
    """A bound of the range as the driver gave it."""
    if cursor_range.kind == "number":
        number = Decimal(text)
        return int(number) if number == number.to_integral_value() else number
    if cursor_range.kind in ("instant", "time"):
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if cursor_range.kind == "date" else text


def _piece(where: str, reader: Sql, names: list[str], batch: Sequence[sa.Row[Any]]) -> Piece:
    columns = {
        name: pa.array([_text(where, name, value) for value in values], pa.string())
        for name, values in zip(names, zip(*batch, strict=True), strict=True)
    }
    rows = pa.RecordBatch.from_pydict(columns)
    if reader.cursor is None:
        return Piece(rows)
    place = names.index(reader.cursor)
    return Piece(rows, rows.column(place).to_pylist(), _kind(where, reader, [row[place] for row in batch]))


def _kind(where: str, reader: Sql, values: list[Any]) -> CursorKind:
    kinds = {_kind_of(value) for value in values}
    kind = kinds.pop()
    if kind is None or kinds:
        raise LandingError(
            f"{where}.cursor: `{reader.cursor}` has values by which rows can't be put into a lasting order.\n"
            "  Use a column of integers, dates, instants or texts only."
        )
    return kind


def _kind_of(value: Any) -> CursorKind | None:
    if isinstance(value, datetime):
        return "time" if value.tzinfo is None else "instant"
    if isinstance(value, date):
        return "date"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return "number"
    return "text" if isinstance(value, str | UUID) else None


def _text(where: str, name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, int | float | Decimal | UUID | timedelta):
        return str(value)
    raise LandingError(
        f"{where}.query: `{name}` holds values of the type {type(value).__name__}, which have no text.\n  Cast it in the query."
    )


def _describe(where: str, error: SQLAlchemyError) -> LandingError:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return CutOffError(
            f"{where}: the connection broke while rows were read ({_driver(error)}).\n"
            "  What has landed stays; the next run goes on from there."
        )
    return LandingError(
        f"{where}.query: the database could not finish it ({_driver(error)}).\n"
        "  Run it by hand to see why; its message may quote a row and is not repeated here."
    )


def _driver(error: SQLAlchemyError) -> str:
    original = getattr(error, "orig", None)
    return type(error).__name__ if original is None else f"{type(original).__module__}.{type(original).__name__}"
