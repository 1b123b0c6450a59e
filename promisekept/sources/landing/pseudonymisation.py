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


def key_persons(batch: LandingBatch, *, remember: bool = False) -> None:
    """Create `PERSONS` from the typed events; whoever has landed under an earlier key keeps that one.

    `remember`: whom this run has keyed before is not keyed again, which costs memory; only worth it for many rows.
    """
    connection, keyring = batch.connection, batch.run.keyring
    if not batch.log.subjects:
        return
    named = " union all ".join(
        f"select {type_column(subject)} as ref_type, {subject.name} as ref from {batch.TYPED} where {subject.name} is not null"
        for subject in batch.log.subjects
    )
    if remember and not keyring.earlier:
        people = batch.run.persons(connection)
        connection.execute(
            f"""create temp table refs as
            select distinct ref_type, ref from ({named}) as named anti join {people} using (ref_type, ref)"""
        )
        _key(connection, f"insert into {people}", keyring.current)
        connection.execute(f"create temp view {batch.PERSONS} as from {people}")
        connection.execute("drop table refs")
        return
    connection.execute(f"create temp table refs as select distinct ref_type, ref from ({named})")
    _key(connection, f"create temp table {batch.PERSONS} as", keyring.current)
    for earlier in keyring.earlier:
        _key(connection, "create temp table before as", earlier)
        connection.execute(
            f"""update {batch.PERSONS} as persons set key = before.key, key_id = before.key_id from before
            where (persons.ref_type, persons.ref) = (before.ref_type, before.ref)
            and before.key in (select key from {KNOWN_PERSONS})"""
        )
        connection.execute("drop table before")
    connection.execute("drop table refs")


def _key(connection: duckdb.DuckDBPyConnection, into: str, key: Key) -> None:
    """Key the persons of `refs`; `into` is how the statement begins that writes them."""
    # Whether there is anything to trim is asked first, which costs a third of trimming.
    trimmed = f"lower(case when regexp_matches(ref, {padded()}) then trim(ref, {white()}) else ref end)"
    message = f"ref_type || ':' || {trimmed}"
    ascii_only = f"""
        select ref_type, ref, case when {trimmed} <> '' then {keyed_sql(message)} end as key, {literal(key.id)} as key_id
        from refs where strlen(ref) = length(ref)"""
    rest = connection.execute("select ref_type, ref from refs where strlen(ref) <> length(ref)").fetchall()
    if not rest:
        connection.execute(f"{into} {ascii_only}", key.pads)
        return
    keys = [key.subject(ref_type, ref) if normalised(ref) else None for ref_type, ref in rest]
    types, refs = zip(*rest, strict=True)
    connection.register("arriving", pa.table([list(types), list(refs), pa.array(keys, pa.string())], names=["t", "r", "k"]))
    connection.execute(f"{into} {ascii_only} union all select t, r, k, {literal(key.id)} from arriving", key.pads)
    connection.unregister("arriving")


def look_up_persons(batch: LandingBatch, *, rotated: bool) -> None:
    """Create `KEYED`: worth it where the events of several files are written one file after the other."""
    if not batch.log.subjects:
        return
    keys = "".join(f", person_{position}.key as key_{position}" for position in range(len(batch.log.subjects)))
    key_id = ", person_0.key_id" if rotated else ""
    batch.connection.execute(
        f"create temp table {batch.KEYED} as select typed._n{keys}{key_id} from {batch.TYPED} as typed {_persons(batch)}"
    )


def _persons(batch: LandingBatch) -> str:
    """The joins of the persons that an event names, each as `person_` with the position of its column."""
    return " ".join(
        f"left join {batch.PERSONS} as person_{position} on typed.{subject.name} = person_{position}.ref "
        f"and typed.{type_column(subject)} = person_{position}.ref_type"
        for position, subject in enumerate(batch.log.subjects)
    )


def keyed_content(batch: LandingBatch, *, rotated: bool = False, rows: str | None = None, looked_up: str | None = None) -> str:
    """The SELECT that makes `CONTENT`: `_n`, `_row`, the contract's columns with persons as keys, and `_key_id` if `rotated`.

    Args:
        batch: whose events.
        rotated: whether there are keys from before.
        rows: the query for some of the typed events; all where null.
        looked_up: the query for their rows in `KEYED`, where that is there.
    """
    log, relation = batch.log, f"{batch.TYPED if rows is None else f'({rows})'} as typed"
    columns = []
    if looked_up is None or not log.subjects:
        joins, keys, key_id = _persons(batch), "person_{}.key", "person_0.key_id"
    else:
        joins, keys, key_id = f"left join ({looked_up}) as keyed on typed._n = keyed._n", "keyed.key_{}", "keyed.key_id"
    key_of = {subject.name: keys.format(position) for position, subject in enumerate(log.subjects)}
    types = {type_column(subject): subject.name for subject in log.subjects}
    own = {column for _, column in log.dimensions}
    for column in log.columns:
        if column.name in own:
            continue
        if column.name in key_of:
            columns.append(f"{key_of[column.name]} as {column.landed_name}")
        elif column.name in types:
            columns.append(f"case when {key_of[types[column.name]]} is not null then typed.{column.name} end as {column.name}")
        else:
            columns.append(f"typed.{quoted(column.name)}")
    if log.has_dimensions:
        columns.append(f"{_dimensions(log)} as {DIMENSIONS}")
    if rotated and log.subjects:
        columns.append(f"{key_id} as _key_id")
    return f"select typed._n, typed._row, {', '.join(columns)} from {relation} {joins}"


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
