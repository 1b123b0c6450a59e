"""What can be checked of a source's own SQL before any row of it is read.

Here: whether `skip` and the mapping can be read, and call only functions, types and tables that there are; found by letting
DuckDB plan them over an empty `source`. Not here: what only a file shows, such as its columns and their types (mapping.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb

from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.errors import ConfigError
from promisekept.sources.extract.files import RejectedFileError
from promisekept.sources.landing.mapping import mapping_sql
from promisekept.sources.sandbox import literal, lock_down, quoted

_WRONG = (duckdb.ParserException, duckdb.SyntaxException, duckdb.CatalogException, duckdb.PermissionException)


def require_mappings(settings: Settings) -> None:
    """Read the SQL of every source.

    Raises:
        ConfigError: one of them can't run, whatever a file holds; the message names the source, the key and the error.
    """
    if not any(source.skip or source.mapping for source in settings.sources):
        return
    with duckdb.connect() as connection:
        lock_down(connection)
        for source in settings.sources:
            if source.skip is not None:
                _require(connection, source, "skip", f"select * from source where ({source.skip}) is not true")
            if source.mapping is not None:
                try:
                    sql, _ = mapping_sql(source, source.contract)
                except RejectedFileError as error:
                    raise _wrong(source, "mapping", error.message) from None
                _require(connection, source, "mapping", sql)


def _require(connection: duckdb.DuckDBPyConnection, source: Source, key: str, sql: str) -> None:
    ((tree,),) = connection.execute(f"select json_serialize_sql({literal(sql)}::varchar)").fetchall()
    names = {"_row", *_columns(json.loads(tree))}
    columns = {name.casefold(): name for name in sorted(names)}.values()
    connection.execute(
        f"create or replace temp view source as select {', '.join(f'null::varchar as {quoted(name)}' for name in columns)}"
    )
    try:
        connection.sql(sql)
    except _WRONG as error:
        raise _wrong(source, key, str(error).strip()) from None
    except duckdb.Error:  # of columns and their types, which only a file shows
        return


def _columns(tree: Any) -> Iterator[str]:
    """Every name in a parsed statement that may be a column."""
    if isinstance(tree, dict):
        yield from tree.get("column_names", ())
        for part in tree.values():
            yield from _columns(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _columns(part)


def _wrong(source: Source, key: str, message: str) -> ConfigError:
    where = f" in {source.mapping}" if key == "mapping" else ""
    return ConfigError(
        f"sources.{source.name}.{key}{where}: {message}\n"
        "  Nothing has landed. Fix it; `promisekept check` tries it on the newest file."
    )
