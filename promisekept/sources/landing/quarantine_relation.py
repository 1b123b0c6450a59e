"""The rejected rows as a relation, each once however often it was delivered: `landing.quarantine`.

Here: all that the quarantine files hold, for evidence; and what the models read of it, as a table that a build keeps, so that
each file is read once and not by every model of each build. Neither the value for which a row was rejected nor the person is in
it: these stay in landing, where retention purges them. Not here: which rows are rejected and what is kept of them (rejects.py).
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from promisekept.sources.landing.rejects import COLUMNS, attributing_content
from promisekept.sources.sandbox import literal
from promisekept.sources.zone.batches import Zone

_DELIVERY = ("batch_id", "source", "row_number", "landed_at", "key_id")
"""How a rejected row came; the rest is what it is."""
_READ = tuple(name for name in COLUMNS if name not in ("value", "subject_key", "key_id"))
"""What the models read."""
_NTH = "row_number() over (partition by content_hash order by landed_at, batch_id, row_number, event_id)"
"""A row that is delivered again is rejected again, and it is the same reject: of its deliveries the first to land is kept."""
_TABLE = "landing.rejects"


def attach_quarantine(connection: duckdb.DuckDBPyConnection, zone: Zone) -> None:
    """Create `landing.quarantine` over the quarantine files: the columns of `COLUMNS`, and `content_hash`.

    Args:
        connection: has the schema.
        zone: what had landed; its files of rejected rows were found to be the recorded ones.
    """
    files = _files(zone)
    columns = {**COLUMNS, "content_hash": "VARCHAR"}
    empty = f"select {', '.join(f'null::{kind} as {name}' for name, kind in columns.items())} where false"
    rows = f"select {', '.join(columns)} from ({_hashed(files)}) qualify {_NTH} = 1" if files else empty
    connection.execute(f"create or replace view landing.quarantine as {rows}")


def keep_quarantine(connection: duckdb.DuckDBPyConnection, zone: Zone, *, full_refresh: bool) -> None:
    """Create `landing.quarantine` over a table that is kept from one build to the next and follows the quarantine files.

    Args:
        connection: to the warehouse, which has the schema.
        zone: as for `attach_quarantine`.
        full_refresh: read every file again, and not only those that the table does not hold.
    """
    kinds = ", ".join(f"{name} {COLUMNS[name]}" for name in _READ)
    connection.execute("begin")
    if full_refresh:
        connection.execute(f"drop table if exists {_TABLE}")
    connection.execute(f"create table if not exists {_TABLE} (file varchar, {kinds}, content_hash varchar, is_first boolean)")
    if _follow(connection, _files(zone)):
        connection.execute(
            f"""update {_TABLE} as rejects set is_first = ranked.nth = 1
            from (select rowid as id, {_NTH} as nth from {_TABLE} semi join moved_rejects using (content_hash)) as ranked
            where rejects.rowid = ranked.id"""
        )
    shown = ", ".join((*_READ, "content_hash"))
    connection.execute(f"create or replace view landing.quarantine as select {shown} from {_TABLE} where is_first; commit")


def _files(zone: Zone) -> list[str]:
    return [str(zone.landing / file) for file, _ in zone.reject_files()]


def _follow(connection: duckdb.DuckDBPyConnection, files: Collection[str]) -> bool:
    """Delete the rows of files that are not there, insert those that came; whether any did, with their hashes."""
    there = {file for (file,) in connection.execute(f"select distinct file from {_TABLE}").fetchall()}
    gone, new = there.difference(files), [file for file in files if file not in there]
    of_gone = f"{_TABLE} where file in (select unnest($gone::varchar[]))"
    connection.execute(f"create or replace temp table moved_rejects as select content_hash from {of_gone}", {"gone": list(gone)})
    if gone:
        connection.execute(f"delete from {of_gone}", {"gone": list(gone)})
    if new:
        read = ", ".join(attributing_content() if name == "content" else name for name in _READ)
        connection.execute(f"insert into {_TABLE} select filename, {read}, content_hash, false from ({_hashed(new)})")
        of_new = f"{_TABLE} where file in (select unnest($new::varchar[]))"
        connection.execute(f"insert into moved_rejects select content_hash from {of_new}", {"new": new})
    return bool(gone or new)


def _hashed(files: Collection[str]) -> str:
    """The rows of quarantine files, with `filename`, and `content_hash`: the same for each delivery of a row.

    The same are rows of the same log, namespace, reason, event and contract columns, whatever the file and the line. A row whose
    content our own retention has purged has the same hash as its other purged deliveries only.
    """
    instants = {name: f"epoch_us({name})" for name, kind in COLUMNS.items() if kind == "TIMESTAMPTZ"}  # as text they have a zone
    identity = ", ".join(instants.get(name, name) for name in COLUMNS if name not in _DELIVERY)
    listed = ", ".join(map(literal, files))
    return f"""
    select filename, {", ".join(COLUMNS)}, sha256(to_json(row({identity}))::varchar) as content_hash
    from read_parquet([{listed}], filename = true)"""
