"""The landed events behind a bundle, as they landed, and what landing tells besides: people under the bundle's own keys.

Here: the files below `data/events` and `data/landing`, read from files whose hash was found to be the recorded one. Not here:
what landed (sources/zone.py), or which events are given (behind.py). `key_id` and `collides` stay behind: they say something of
the key and of landing, nothing of the event.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb

from promisekept.durable import file_sha256
from promisekept.errors import EvidenceError
from promisekept.evidence.behind import UNITS, choose_units, logs_of
from promisekept.evidence.rekeying import make_people
from promisekept.evidence.tables import Table, write_table
from promisekept.publishing.chronicle import bench
from promisekept.sources.contract import contract
from promisekept.sources.keys import Key, keyed_sql
from promisekept.sources.relations import attach_deliveries
from promisekept.sources.zone import Zone, scan

_KEPT_BACK = frozenset({"key_id", "collides"})
_REFUSED = (
    "batch_id", "row_number", "source", "namespace", "log", "reason", "column_name", "event_id", "occurred_at", "landed_at",
    "request_id", "right_type", "jurisdiction", "channel", "event_type",
)  # fmt: skip
_TOLD = (
    "purpose_code", "recipient_id", "data_category", "system", "collection_type", "feature", "jurisdiction", "incident_type",
    "record_count", "policy_version",
)  # fmt: skip
"""What a refused row of another log than requests says of where it belongs; the rest of what it held is not given."""
_LIVES = ("record_id", "incident_id")
LEFT_OUT = {
    "what": "what refused rows held, the names of delivered files",
    "reason": "a row is refused because nobody can tell what is in it; data/landing says when it came, why it was refused and"
    " where it belongs, as far as that is known",
}
_KEYS = {"batches": ("batch_id",), "held_back": ("seq",), "quarantine": ("batch_id", "row_number")}


def write_events(
    snapshot: duckdb.DuckDBPyConnection,
    zone: Zone,
    key: Key,
    relations: Mapping[str, str],
    data: Path,
    *,
    tell: Callable[[str], None],
    engine: Mapping[str, str],
) -> list[Table]:
    """Write `events/<log>.csv` for every log behind the marts of a bundle, and `landing/*.csv`.

    Args:
        snapshot: on which the queries in `relations` run, with its one-row relation `scope`.
        zone: what had landed when the snapshot was made.
        key: of the bundle.
        relations: by mart the query of its rows in the bundle, people under the keys of the warehouse.
        data: the bundle's folder of that name.
        tell: told what is being done.
        engine: what DuckDB may take of the machine.

    Returns:
        What was written, in order of the logs.

    Raises:
        EvidenceError: a landed file is gone or is not what the ledger recorded.
    """
    for name in ("events", "landing"):
        (data / name).mkdir()
    tell("events: whether they are those that landed")
    with _landed(zone, engine) as connection:
        tell("events: which of them")
        choose_units(connection, snapshot, relations)
        logs = logs_of(relations)
        make_people(
            connection, key, [f"(select {name} as subject_key from {_given(log)})" for log in logs for name in _people(log)]
        )
        written = []
        for log in logs:
            tell(f"events: {log}")
            written.append(_write_log(connection, log, data / "events"))
        return written + [_write_landing(connection, key, name, data / "landing") for name in _KEYS]


@contextmanager
def _landed(zone: Zone, engine: Mapping[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A bench with `landed_<log>` for every log and schema `landing` with what is known of deliveries and refused rows."""
    with bench(engine) as connection:
        stored = {log: zone.stored(log) for log in UNITS}
        recorded = {file.path: file.sha256 for files in stored.values() for file in files}
        recorded |= {zone.landing / name: sha256 for name, sha256 in zone.refused()}
        with ThreadPoolExecutor(os.cpu_count()) as hashing:
            list(hashing.map(_require, recorded, recorded.values()))
        for log, files in stored.items():
            connection.execute(f"create temp view landed_{log} as {scan(files, contract()[log].landed)}")
        connection.execute("create schema landing")
        attach_deliveries(connection, zone)
        yield connection


def _require(path: Path, sha256: str) -> None:
    if not path.is_file() or file_sha256(path) != sha256:
        raise EvidenceError(
            f"{path}: gone, or not what the ledger recorded, so nothing is made of it.\n"
            "  Restore it from a backup of home; `promisekept fsck` lists everything that is missing."
        )


def _given(log: str) -> str:
    return f"(select * from landed_{log} semi join wanted_{log} using ({', '.join(UNITS[log])}))"


def _people(log: str) -> list[str]:
    """The columns of a log that name a person."""
    return [name for name in contract()[log].landed if name.endswith("_key")]


def _write_log(connection: duckdb.DuckDBPyConnection, log: str, folder: Path) -> Table:
    columns = {name: kind for name, kind in contract()[log].landed.items() if name not in _KEPT_BACK}
    shown, joins = [], []
    for name, kind in columns.items():
        if name in _people(log):
            joins.append(f"left join people as {name}_people on landed.{name} = {name}_people.subject_key")
            shown.append(f"{name}_people.shown as {name}")
        else:
            shown.append(f"to_json(landed.{name})::varchar as {name}" if kind.endswith("]") else f"landed.{name}")
    query = f"select {', '.join(shown)} from {_given(log)} as landed {' '.join(joins)}"
    told = {name: kind.replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE") for name, kind in columns.items()}
    key_columns = ("namespace", "event_id", "batch_id", "row_number")
    return write_table(connection, query, folder, log, key=key_columns, columns=told, copies=False)


def _write_landing(connection: duckdb.DuckDBPyConnection, key: Key, name: str, folder: Path) -> Table:
    """Deliveries without the names of files, refused rows without what was refused."""
    if name == "quarantine":
        life = {one: f"case when {_is_text(one)} then {_text(one)} else {keyed_sql(_text(one))} end" for one in _LIVES}
        told = {one: f"case when {_is_text(one)} then {_text(one)} end" for one in _TOLD}
        fields = ", ".join(f"'{one}', {sql}" for one, sql in (told | life).items())
        query = f"select {', '.join(_REFUSED)}, json_object({fields})::varchar as content from landing.quarantine"
        connection.execute(f"create temp table refused as {query}", key.pads)
        query = "from refused"
    else:
        query = _BATCHES if name == "batches" else "select * exclude (origin_name, says) from landing.held_back"
    kinds = {column: str(kind) for column, kind, *_ in connection.execute(f"describe ({query})").fetchall()}
    return write_table(connection, query, folder, name, key=_KEYS[name], columns=kinds, copies=False)


_OCCURRED = " union all ".join(f"select batch_id, occurred_at from landed_{log}" for log in UNITS)
_BATCHES = f"""
with closed as materialized (
    select batch_id, date_trunc('month', (landed_at at time zone zone) - interval '31 hours') at time zone zone as before
    from landing.batches cross join scope
)
select batches.* exclude (origin_path), coalesce(late.late, 0) as late
from landing.batches left join (
    select batch_id, count(*) as late
    from ({_OCCURRED}) as landed inner join closed using (batch_id)
    where landed.occurred_at < closed.before
    group by batch_id
) as late using (batch_id)
"""
"""`late`: rows that happened in a month which had closed when they landed; most of them lie outside of the bundle's period."""


def _is_text(field: str) -> str:
    return f"json_type(content, '$.{field}') = 'VARCHAR'"


def _text(field: str) -> str:
    return f"(content ->> '$.{field}')"
