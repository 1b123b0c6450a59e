"""Encoded columns of a source opened, so that its mapping finds lists where the source has one string.

Here: `decode: [{column: tc_string, as: tcf}]` gives `everything` the columns `tc_string_purposes` and so on, one of each
field of consent_strings.ConsentSignal; each distinct string is read once. Not here: how a string is read (consent_strings.py) and
what a purpose means to the log, which the mapping states.
"""

from __future__ import annotations

import dataclasses

import duckdb
import pyarrow as pa

from promisekept.config.source import Source
from promisekept.sources.extract.consent_strings import FIELDS, read_gpp, read_tcf
from promisekept.sources.extract.file_readers import SourceTable
from promisekept.sources.extract.files import RejectedFileError
from promisekept.sources.sandbox import described, quoted

_READERS = {"tcf": read_tcf, "gpp": read_gpp}
_SCHEMA = pa.schema([("text", pa.string()), *((name, pa.list_(pa.string()) if many else pa.string()) for name, many in FIELDS)])
_AT_ONCE = 50_000


def decode(connection: duckdb.DuckDBPyConnection, source: Source, table: SourceTable) -> None:
    """Add to each column that the source names the decoded values of its strings.

    Raises:
        RejectedFileError: the file has no such column, or has one of a name that the decoded ones need.
    """
    for wanted in source.decode:
        present = described(connection, "everything")
        if wanted.column not in present:
            message = f"`decode` names a column `{wanted.column}`, which this file does not have."
            raise RejectedFileError("decode_column", message, table.header, table.rows)
        names = {name: f"{wanted.column}_{name}" for name, _ in FIELDS}
        for name in names.values():
            if name in present:
                message = f"It has a column `{name}`, a name that `decode` needs for the values of `{wanted.column}`."
                raise RejectedFileError("decode_column", message, table.header, table.rows)
        column, read = quoted(wanted.column), _READERS[wanted.kind]
        connection.execute(f"create or replace temp table texts as select distinct {column} as text from everything")
        connection.register("nothing", _SCHEMA.empty_table())
        connection.execute("create or replace temp table opened as select * from nothing")
        connection.unregister("nothing")
        texts = [str(text) for (text,) in connection.execute("select text from texts where text <> ''").fetchall()]
        for start in range(0, len(texts), _AT_ONCE):
            rows = [{"text": text} | dataclasses.asdict(read(text)) for text in texts[start : start + _AT_ONCE]]
            connection.register("arriving", pa.Table.from_pylist(rows, schema=_SCHEMA))
            connection.execute("insert into opened select * from arriving")
            connection.unregister("arriving")
        chosen = ", ".join(f"opened.{name} as {quoted(as_name)}" for name, as_name in names.items())
        connection.execute(
            f"""create temp table wider as select everything.*, {chosen}
            from everything left join opened on everything.{column} = opened.text"""
        )
        connection.execute("drop table everything")
        connection.execute("alter table wider rename to everything")
