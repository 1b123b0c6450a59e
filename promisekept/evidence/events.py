"""The landed events behind a bundle and the records of their landing, people and cases under the bundle's names.

Here: the files below `data/events` and `data/landing`, read from files whose hash was found to be the recorded one. Not here:
what landed (sources/zone/batches.py), or which events are given (event_selection.py). `key_id` and `collides` stay behind: they
describe the key and landing, not the event.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb

from promisekept.durable import has_sha256
from promisekept.errors import EvidenceError
from promisekept.evidence.event_selection import UNITS
from promisekept.evidence.rekeying import joined, shown
from promisekept.evidence.tables import BundleTable, write_table
from promisekept.publishing.history import history_database
from promisekept.sources.contract import contract
from promisekept.sources.landing.quarantine_relation import attach_quarantine
from promisekept.sources.landing.rejects import attributing_content
from promisekept.sources.landing.relations import attach_deliveries
from promisekept.sources.zone.batches import Zone, scan

_KEPT_BACK = frozenset({"key_id", "collides"})
_REJECT_COLUMNS = (
    "batch_id", "row_number", "source", "namespace", "log", "reason", "column_name", "event_id", "occurred_at", "landed_at",
    "request_id", "right_type", "jurisdiction", "channel", "event_type",
)  # fmt: skip
_TEXTS = (
    "purpose_code", "recipient_id", "data_category", "system", "collection_type", "feature", "jurisdiction", "incident_type",
    "record_count", "policy_version", "audience_size",
)  # fmt: skip
"""The columns of a rejected row of another log than requests that show where it belongs; the rest is left out."""
_LIVES = ("record_id", "incident_id")
LEFT_OUT = {
    "what": "the values of rejected rows, the names of delivered files",
    "reason": "a row is rejected because its content is unknown; data/landing shows when it came, why it was rejected and"
    " where it belongs, as far as it is stated",
}
_KEYS = {"batches": ("batch_id",), "held_back": ("seq",), "quarantine": ("batch_id", "row_number")}


def write_events(
    database: duckdb.DuckDBPyConnection, logs: Iterable[str], data: Path, report: Callable[[str], None]
) -> list[BundleTable]:
    """Write `events/<log>.csv` for some logs, and `landing/*.csv`.

    Args:
        database: `landed`, with the units chosen (event_selection.py) and the names of people and cases (rekeying.py).
        logs: of which the bundle holds events.
        data: the bundle's folder of that name.
        report: called with what is being done.

    Returns:
        What was written, in order of the logs.
    """
    for name in ("events", "landing"):
        (data / name).mkdir()
    written, all_logs = [], list(logs)
    for number, log in enumerate(all_logs, 1):
        report(f"{number} of {len(all_logs)} logs of events · {log}")
        written.append(_write_log(database, log, data / "events"))
    return written + [_write_landing(database, name, data / "landing") for name in _KEYS]


@contextmanager
def landed(zone: Zone, engine: Mapping[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with `landed_<log>` for every log and schema `landing` with deliveries and rejected rows.

    Args:
        zone: what had landed when the snapshot was made.
        engine: what DuckDB may take of the machine.

    Raises:
        EvidenceError: a landed file is gone or is not what the ledger recorded.
    """
    with history_database(engine) as connection:
        stored = {log: zone.stored(log) for log in UNITS}
        recorded = {file.path: file.sha256 for files in stored.values() for file in files}
        recorded |= {zone.landing / name: sha256 for name, sha256 in zone.reject_files()}
        with ThreadPoolExecutor(os.cpu_count()) as hashing:
            list(hashing.map(_require, recorded, recorded.values()))
        for log, files in stored.items():
            connection.execute(f"create temp view landed_{log} as {scan(files, contract()[log])}")
        connection.execute("create schema landing")
        attach_deliveries(connection, zone)
        attach_quarantine(connection, zone)
        yield connection


def _require(path: Path, sha256: str) -> None:
    if not has_sha256(path, sha256):
        raise EvidenceError(
            f"{path}: gone, or not what the ledger recorded, so nothing is made of it.\n"
            "  Restore it from a backup of home; `promisekept fsck` lists everything that is missing."
        )


def given(log: str) -> str:
    """The query of a log's events in the bundle, in that database once its units are chosen."""
    return f"select * from landed_{log} semi join wanted_{log} using ({', '.join(UNITS[log])})"


def _write_log(connection: duckdb.DuckDBPyConnection, log: str, folder: Path) -> BundleTable:
    columns = {name: kind for name, kind in contract()[log].landed.items() if name not in _KEPT_BACK}
    selected = ", ".join(shown(name, kind, "landed") for name, kind in columns.items())
    query = f"select {selected} from ({given(log)}) as landed {joined(columns, 'landed')}"
    stated = {name: kind.replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE") for name, kind in columns.items()}
    key_columns = ("namespace", "event_id", "batch_id", "row_number")
    # Joined first, then sorted: what a sort spills while joins hold their rows in memory does not make room enough for both.
    connection.execute(f"create temp table shown_events as {query}")
    written = write_table(connection, "from shown_events", folder, log, key=key_columns, columns=stated, copies=False)
    connection.execute("drop table shown_events")
    return written


def _write_landing(connection: duckdb.DuckDBPyConnection, name: str, folder: Path) -> BundleTable:
    """Deliveries without the names of files, rejected rows without what was rejected."""
    if name == "quarantine":
        life = {one: f"case when {_is_text(one)} then shown_id({_text(one)}) else keyed({_text(one)}) end" for one in _LIVES}
        texts = {one: f"case when {_is_text(one)} then {_text(one)} end" for one in _TEXTS}
        fields = ", ".join(f"'{one}', {sql}" for one, sql in (texts | life).items())
        selected = ", ".join(shown(one, "VARCHAR", "rejects") for one in _REJECT_COLUMNS)
        query = (
            f"select {selected}, json_object({fields})::varchar as content"
            f" from (select * replace ({attributing_content()} as content) from landing.quarantine) as rejects"
            f" {joined(_REJECT_COLUMNS, 'rejects')}"
        )
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
