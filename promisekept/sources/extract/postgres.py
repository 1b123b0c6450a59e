"""Rows of a PostgreSQL database, streamed as Arrow batches.

Here: the query with its range around it, what its columns are, and what of an error may be shown. The session can't write.
Types that landing has no use for (numeric, uuid, json, enumerations, networks ...) are asked for as their text, exactly as the
database prints it. Not here: chunks, or when to try again.

A driver's message may quote the connection string or a row: only messages about the text of the query are passed on.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.compute as pc

from promisekept.config.credentials import read_credential
from promisekept.config.readers import PLACE, Postgres
from promisekept.config.source import Source
from promisekept.errors import LandingError
from promisekept.sources.extract.chunks import Piece
from promisekept.sources.extract.cursors import CursorKind, CursorRange, check_kind
from promisekept.sources.extract.retry import CutOffError
from promisekept.sources.sandbox import literal, quoted

_BATCH_BYTES = "adbc.postgresql.batch_size_hint_bytes"
_AS_THEY_ARE = {
    "bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar", "bpchar", "name", "date", "timestamp", "timestamptz",
    "_text", "_varchar", "_int2", "_int4", "_int8", "_bool",
}  # fmt: skip
_KINDS: dict[str, CursorKind] = {
    "int2": "number", "int4": "number", "int8": "number", "numeric": "number", "timestamptz": "instant", "timestamp": "time",
    "date": "date", "text": "text", "varchar": "text", "bpchar": "text", "uuid": "text",
}  # fmt: skip
_LEAST = dict.fromkeys(("timestamptz", "timestamp", "date"), "'-infinity'") | {
    "int2": "'-32768'", "int4": "'-2147483648'", "int8": "'-9223372036854775808'", "numeric": "'-1e300'",
    "text": "''", "varchar": "''", "bpchar": "''", "uuid": "'00000000-0000-0000-0000-000000000000'",
}  # fmt: skip
_STEP: dict[CursorKind, str] = {
    "number": " - 1", "instant": " - interval '1 microsecond'", "time": " - interval '1 microsecond'", "date": " - 1", "text": "",
}  # fmt: skip
_FAR = ("infinity", "-infinity")
_ENDLESS = {"timestamptz": _FAR, "timestamp": _FAR, "date": _FAR, "numeric": (*_FAR, "NaN")}
_CURSOR = "promisekept_cursor"
_WRITE = "Write it as postgresql://USER:PASSWORD@HOST/DATABASE, special characters as %XX."
_SESSION = (
    "transaction isolation level repeatable read, read only",
    "local timezone = 'UTC'",
    "local datestyle = 'ISO'",
    "local intervalstyle = 'iso_8601'",
    "local standard_conforming_strings = on",
)
# Of these classes of SQLSTATE the message is about the query's text, or about a right that is missing.
_TOLD = ("42", "0A", "25006")
# Of these, or without one, it is about the connection or the server: the same may be asked again.
_GONE = ("08", "40", "53", "57", "58")


def rows(source: Source, reader: Postgres, cursor_range: CursorRange, most: int | None = None) -> Generator[Piece]:
    """The rows of a range, in the order of the cursor.

    Args:
        source: whose.
        reader: its reader.
        cursor_range: the range; without an end up to the last row that there is.
        most: no more than so many rows.

    Raises:
        ConfigError: the connection string can't be had.
        CutOffError: the connection could not be made, or broke; the same may be asked again.
        LandingError: the database refuses the query, or a row has no cursor.
    """
    where = f"sources.{source.name}.reader"
    dsn = read_credential(f"{where}.{_key(reader)}", reader.address.env, reader.address.file)
    with closing(_connect(where, reader, dsn)) as connection:
        try:
            with connection.cursor() as cursor:
                for setting in _SESSION:
                    cursor.execute(f"set {setting}")
                types = _types(where, reader, cursor)
                inner = _inner(reader, "null")
                if reader.cursor is not None:
                    _check_orders(where, reader, types)
                    check_kind(source, cursor_range, _KINDS[types[reader.cursor]])
                    inner = _inner(reader, _below(types[reader.cursor], cursor_range))
                    _check_values(where, reader, cursor, types, inner)
            with connection.cursor() as cursor:
                cursor.adbc_statement.set_options(**{_BATCH_BYTES: str(1 << 20)})
                cursor.execute(_query(reader, types, inner, cursor_range, most))
                for batch in cursor.fetch_record_batch():
                    if batch.num_rows:
                        yield _piece(where, reader, types, batch)
        except (adbc.Error, OSError, pa.ArrowException) as error:
            raise _describe(where, connection, error) from None


def _key(reader: Postgres) -> str:
    return "dsn_env" if reader.dsn_env is not None else "dsn_file"


def _connect(where: str, reader: Postgres, dsn: str) -> adbc.Connection:
    seconds = max(2, round(reader.timeouts.connect.total_seconds()))
    # What libpq reads where the connection string sets nothing; a string that sets it is right.
    try:
        return adbc.connect(_with_limits(dsn, seconds))
    except adbc.Error as error:
        raise _refused(where, str(error)) from None


def _with_limits(dsn: str, seconds: int) -> str:
    """The connection string with a limit to waiting and a name for those who look at the server, unless it has its own."""
    extras = {"connect_timeout": str(seconds), "application_name": "promisekept"}
    missing = {name: value for name, value in extras.items() if f"{name}=" not in dsn}
    if "://" in dsn:
        joint = "&" if "?" in dsn else "?"
        return dsn + (joint if missing else "") + "&".join(f"{name}={value}" for name, value in missing.items())
    return " ".join([dsn, *(f"{name}={value}" for name, value in missing.items())])


_REFUSALS = (
    ("could not translate", "its host's name is not known", "Correct the host in the connection string."),
    ("password authentication failed", "the server refuses the user or the password", "Correct the credential."),
    ("no password supplied", "the server wants a password and none is given", "Add it to the connection string."),
    ("pg_hba.conf", "the server does not let this user in from here", "Ask its operator for an entry in pg_hba.conf."),
    ('role "', "the server has no such user", "Correct the user in the connection string."),
    ('database "', "the server has no such database", "Correct the database in the connection string."),
    ("certificate", "the server's certificate does not hold", "Give `sslrootcert`, or correct the host."),
    ("connection info string", "the connection string can't be read", _WRITE),
    ("connection option", "the connection string has a value that can't be used", _WRITE),
    ("invalid", "the connection string has a value that can't be used", _WRITE),
)


def _refused(where: str, message: str) -> LandingError:
    """Why there is no connection, in words of our own; libpq's may quote the connection string."""
    for sign, reason, remedy in _REFUSALS:
        if sign in message:
            return LandingError(f"{where}: no connection: {reason}.\n  {remedy}")
    signs = {
        "refused": "nothing listens at its host and port",
        "timeout": "the server did not answer in time",
        "starting up": "the server is starting",
        "too many": "the server has no connection left",
    }
    reason = next((reason for sign, reason in signs.items() if sign in message), "the server can't be reached")
    return CutOffError(f"{where}: no connection: {reason}.\n  See whether the server runs and can be reached from here.")


def _types(where: str, reader: Postgres, cursor: adbc.Cursor) -> dict[str, str]:
    """The columns of the query, with the names that the database has for their types."""
    schema = cursor.adbc_execute_schema(f"select * from ({_inner(reader, 'null')}) as pulled")
    types = {field.name: (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode() for field in schema}
    if len(types) < len(schema):
        twice = sorted({name for name in schema.names if schema.names.count(name) > 1})
        raise LandingError(
            f"{where}.query: it yields `{twice[0]}` more than once.\n  Give each column a name of its own with `as`."
        )
    if reader.cursor is not None and reader.cursor not in types:
        raise LandingError(
            f"{where}.cursor: the query yields no column `{reader.cursor}`.\n"
            f"  It yields: {', '.join(types)}\n  Add it to the query."
        )
    return types


def _check_orders(where: str, reader: Postgres, types: dict[str, str]) -> None:
    column = str(reader.cursor)
    if types[column] not in _KINDS:
        raise LandingError(
            f"{where}.cursor: `{column}` is a {types[column]}, by which rows can't be put into a lasting order.\n"
            "  Use a column of integers, dates, instants or texts."
        )


def _check_values(where: str, reader: Postgres, cursor: adbc.Cursor, types: dict[str, str], inner: str) -> None:
    column = str(reader.cursor)
    listed = ", ".join(literal(value) for value in _ENDLESS[types[column]]) if types[column] in _ENDLESS else "null"
    name = f"pulled.{quoted(column)}"
    cursor.execute(f"select 1 from ({inner}) as pulled where {name} is null or {name} in ({listed}) limit 1")
    if cursor.fetchone() is not None:
        raise LandingError(
            f"{where}.cursor: `{column}` is null or infinite in some rows, so that it does not show which rows are new.\n"
            "  Let the query give them a value (coalesce), leave them out, or use another column."
        )


def _inner(reader: Postgres, low: str) -> str:
    """The query, `%(cursor)s` in it replaced by an SQL expression. The range is put around it in any case."""
    return reader.query.strip().rstrip(";").replace(PLACE, low) + "\n"


def _below(kind: str, cursor_range: CursorRange) -> str:
    """What `%(cursor)s` stands for: a value below all that are asked for, whether the query has `>` or `>=`."""
    if cursor_range.low is None:
        return f"{_LEAST[kind]}::{kind}"
    return f"{literal(cursor_range.low)}::{kind}{_STEP[_KINDS[kind]]}"


def _query(reader: Postgres, types: dict[str, str], inner: str, cursor_range: CursorRange, most: int | None) -> str:
    wanted = [
        f"pulled.{quoted(name)}" if kind in _AS_THEY_ARE else f"pulled.{quoted(name)}::text as {quoted(name)}"
        for name, kind in types.items()
    ]
    limit = "" if most is None else f" limit {most}"
    if reader.cursor is None:
        return f"select {', '.join(wanted)} from ({inner}) as pulled{limit}"
    column = f"pulled.{quoted(reader.cursor)}"
    conditions = (
        [] if cursor_range.low is None else [f"{column} {'>=' if cursor_range.inclusive else '>'} {literal(cursor_range.low)}"]
    )
    conditions += [] if cursor_range.upto is None else [f"{column} <= {literal(cursor_range.upto)}"]
    where = f" where {' and '.join(conditions)}" if conditions else ""
    wanted.append(f"{column}::text as {_CURSOR}")
    return f"select {', '.join(wanted)} from ({inner}) as pulled{where} order by {column}{limit}"


def _piece(where: str, reader: Postgres, types: dict[str, str], batch: pa.RecordBatch) -> Piece:
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if field.name not in reader.ignore_columns:
            _check_finite(where, field, column)
    if reader.cursor is None:
        return Piece(batch)
    cursor = batch.num_columns - 1
    return Piece(batch.select(range(cursor)), batch.column(cursor).to_pylist(), _KINDS[types[reader.cursor]])


def _check_finite(where: str, field: pa.Field, column: pa.Array) -> None:
    """Arrow has no infinite time: the driver makes an instant of long ago of each, and nobody would see it."""
    for of_kind, whole, endless in (
        (pa.types.is_timestamp, pa.int64(), -9222425352054775808),
        (pa.types.is_date32, pa.int32(), -2147472691),
    ):
        if of_kind(field.type) and (least := pc.min(column.cast(whole)).as_py()) is not None and least <= endless:
            raise LandingError(
                f"{where}.query: `{field.name}` is infinite in some rows, which is no time that can land.\n"
                f"  Let the query state what it means, for example nullif({field.name}, 'infinity'), or leave it out."
            )


def _describe(where: str, connection: adbc.Connection, error: Exception) -> LandingError:
    state = getattr(error, "sqlstate", None) or ""
    if isinstance(error, adbc.DatabaseError) and state.startswith(_TOLD):
        message = str(error).split("ERROR:", 1)[-1].strip().split("\n", 1)[0]
        return LandingError(
            f"{where}.query: the database refuses it: {message} (SQLSTATE {state}).\n  Fix the query or the account's rights."
        )
    # In the middle of the rows the driver gives no SQLSTATE; whether the session is still there distinguishes the two.
    if state.startswith(_GONE) or not (state or _is_alive(connection)):
        return CutOffError(
            f"{where}: the connection broke while rows were read{f' (SQLSTATE {state})' if state else ''}.\n"
            "  What has landed stays; the next run goes on from there."
        )
    return LandingError(
        f"{where}.query: the database could not finish it ({type(error).__name__}{f', SQLSTATE {state}' if state else ''}).\n"
        "  Run it by hand to see why; its message may quote a row and is not repeated here."
    )


def _is_alive(connection: adbc.Connection) -> bool:
    try:
        connection.rollback()
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            return cursor.fetchone() is not None
    except (adbc.Error, OSError):
        return False
