"""Persons -> keys while landing: once per distinct identifier, never per row.

Here: the keys of the persons of a batch, and the query for its events with their persons keyed. Plain ASCII is normalised
and hashed in SQL; everything else is normalised in Python, whose casefold is the one that the contract means. Not here: the
key itself (zone/keys.py).
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from promisekept.sources.contract import DIMENSIONS, Log, type_column
from promisekept.sources.landing.landing_batch import LandingBatch
from promisekept.sources.landing.run import KNOWN_PERSONS
from promisekept.sources.sandbox import literal, quoted
from promisekept.sources.zone.keys import Key, keyed_sql, normalised, padded, white


def key_persons(batch: LandingBatch) -> None:
    """Create `PERSONS` from the typed events; whoever has landed under an earlier key keeps that one."""
    connection, keyring = batch.connection, batch.run.keyring
    if not batch.log.subjects:
        return
    named = " union ".join(
        f"""select distinct {type_column(subject)} as ref_type, {subject.name} as ref from {batch.TYPED}
        where {subject.name} is not null"""
        for subject in batch.log.subjects
    )
    connection.execute(f"create temp table refs as {named}")
    _key(connection, batch.PERSONS, keyring.current)
    for earlier in keyring.earlier:
        _key(connection, "before", earlier)
        connection.execute(
            f"""update {batch.PERSONS} as persons set key = before.key, key_id = before.key_id from before
            where (persons.ref_type, persons.ref) = (before.ref_type, before.ref)
            and before.key in (select key from {KNOWN_PERSONS})"""
        )
        connection.execute("drop table before")
    connection.execute("drop table refs")


def _key(connection: duckdb.DuckDBPyConnection, name: str, key: Key) -> None:
    """Make the relation `name` of `refs`, each under one key."""
    # Whether there is anything to trim is asked first, which costs a third of trimming.
    trimmed = f"lower(case when regexp_matches(ref, {padded()}) then trim(ref, {white()}) else ref end)"
    message = f"ref_type || ':' || {trimmed}"
    connection.execute(
        f"""create temp table {name} as
        select ref_type, ref, case when {trimmed} <> '' then {keyed_sql(message)} end as key, {literal(key.id)} as key_id
        from refs where strlen(ref) = length(ref)""",
        key.pads,
    )
    rest = connection.execute("select ref_type, ref from refs where strlen(ref) <> length(ref)").fetchall()
    if rest:
        keys = [key.subject(ref_type, ref) if normalised(ref) else None for ref_type, ref in rest]
        types, refs = zip(*rest, strict=True)
        connection.register("arriving", pa.table([list(types), list(refs), pa.array(keys, pa.string())], names=["t", "r", "k"]))
        connection.execute(f"insert into {name} select t, r, k, {literal(key.id)} from arriving")
        connection.unregister("arriving")


def keyed_content(batch: LandingBatch, *, rotated: bool = False, rows: str | None = None) -> str:
    """The SELECT that makes `CONTENT`: `_n`, `_row`, the contract's columns with persons as keys, and `_key_id` if `rotated`.

    Args:
        batch: whose events.
        rotated: whether there are keys from before.
        rows: the query for some of the typed events; all where null.
    """
    log, relation = batch.log, f"{batch.TYPED if rows is None else f'({rows})'} as typed"
    columns, joins = [], []
    for position, subject in enumerate(log.subjects):
        alias = f"person_{position}"
        joins.append(
            f"left join {batch.PERSONS} as {alias} on typed.{subject.name} = {alias}.ref "
            f"and typed.{type_column(subject)} = {alias}.ref_type"
        )
    aliases = {subject.name: f"person_{position}" for position, subject in enumerate(log.subjects)}
    types = {type_column(subject): subject.name for subject in log.subjects}
    own = {column for _, column in log.dimensions}
    for column in log.columns:
        if column.name in own:
            continue
        if column.name in aliases:
            columns.append(f"{aliases[column.name]}.key as {column.landed_name}")
        elif column.name in types:
            columns.append(
                f"case when {aliases[types[column.name]]}.key is not null then typed.{column.name} end as {column.name}"
            )
        else:
            columns.append(f"typed.{quoted(column.name)}")
    if log.has_dimensions:
        columns.append(f"{_dimensions(log)} as {DIMENSIONS}")
    if rotated and log.subjects:
        columns.append("person_0.key_id as _key_id")
    return f"select typed._n, typed._row, {', '.join(columns)} from {relation} {' '.join(joins)}"


def _dimensions(log: Log) -> str:
    """The stated dimensions of one's own as JSON in order of name, so that equal values are equal texts."""
    if not log.dimensions:
        return "null::varchar"
    stated = []
    for name, column in log.dimensions:
        key, value = literal('"' + name + '":'), f"typed.{quoted(column)}"
        stated.append(f"case when {value} is not null then {key} || to_json({value})::varchar end")
    some = ", ".join(f"typed.{quoted(column)}" for _, column in log.dimensions)
    return f"case when coalesce({some}) is not null then '{{' || concat_ws(',', {', '.join(stated)}) || '}}' end"
