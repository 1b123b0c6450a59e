"""The landed events behind the units of a bundle, as they landed: people under the bundle's own keys.

Here: which events, read from files whose hash was found to be the recorded one. Not here: what landed (sources/zone.py), or which
units a bundle has (audiences.py). `key_id` and `collides` stay behind: they say something of the key and of landing, nothing of
the event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from promisekept.durable import file_sha256
from promisekept.errors import EvidenceError
from promisekept.evidence.rekeying import make_people
from promisekept.evidence.tables import Table, write_table
from promisekept.publishing.chronicle import bench
from promisekept.sources.contract import contract
from promisekept.sources.keys import Key
from promisekept.sources.zone import Zone, scan

_KEPT_BACK = frozenset({"key_id", "collides"})


@dataclass(frozen=True, slots=True)
class Behind:
    """Which events of a log stand behind a mart: those that share some columns with a row of the bundle.

    Attributes:
        log: the log.
        mart: the mart; a bundle without it has no events of the log. None = every event, in every bundle.
        alike: each alternative is a set of columns that must all agree.
    """

    log: str
    mart: str | None
    alike: tuple[tuple[str, ...], ...] = ()


BEHIND = (
    Behind("requests", "fct_requests", (("namespace", "request_id"),)),
    Behind("consents", "fct_consents", (("subject_key", "purpose_code"), ("namespace", "event_id"))),
    Behind("disclosures", "fct_disclosures", (("namespace", "event_id"),)),
    Behind("retention", "fct_records", (("namespace", "record_id"),)),
    Behind("collections", "fct_collections", (("namespace", "event_id"),)),
    Behind("processing", "fct_processing", (("namespace", "event_id"),)),
    Behind("incidents", "fct_incidents", (("namespace", "incident_id"),)),
    Behind("policies", None),
)
_FINDINGS, _OF_FINDING = "fct_findings", ("source", "event_id")
"""The event that a finding names, also where no unit came of it: an orphan, a contradiction."""

LEFT_OUT = {
    "what": "events of subject_links",
    "reason": "each says that two identifiers are one person, and none is a unit of its own",
}


def write_events(
    snapshot: duckdb.DuckDBPyConnection, zone: Zone, key: Key, relations: Mapping[str, str], folder: Path
) -> list[Table]:
    """Write `events/<log>.csv` for every log behind the marts of a bundle.

    Args:
        snapshot: on which the queries in `relations` run.
        zone: what had landed when the snapshot was made.
        key: of the bundle.
        relations: by mart the query of its rows in the bundle, people under the keys of the warehouse.
        folder: of the files; exists.

    Returns:
        What was written, in order of the logs.

    Raises:
        EvidenceError: a landed file is gone or is not what the ledger recorded.
    """
    written = []
    for behind in BEHIND:
        if behind.mart is not None and behind.mart not in relations:
            continue
        with bench() as connection:
            conditions = []
            named = [(relations[str(behind.mart)], columns) for columns in behind.alike]
            if named and _FINDINGS in relations:
                named.append((relations[_FINDINGS], _OF_FINDING))
            for number, (rows, columns) in enumerate(named):
                names = ", ".join(columns)
                units = snapshot.sql(f"select distinct {names} from ({rows})").to_arrow_table()
                connection.register(f"units_{number}", units)
                conditions.append(f"({names}) in (select ({names}) from units_{number})")
            condition = f"where {' or '.join(conditions)}" if conditions else ""
            written.append(_write_log(connection, zone, key, behind.log, condition=condition, folder=folder))
    return written


def _write_log(connection: duckdb.DuckDBPyConnection, zone: Zone, key: Key, log: str, *, condition: str, folder: Path) -> Table:
    stored = zone.stored(log)
    for file in stored:
        if not file.path.is_file() or file_sha256(file.path) != file.sha256:
            raise EvidenceError(
                f"{file.path}: gone, or not what the ledger recorded, so nothing is made of it.\n"
                "  Restore it from a backup of home; `promisekept fsck` lists everything that is missing."
            )
    columns = {name: kind for name, kind in contract()[log].landed.items() if name not in _KEPT_BACK}
    connection.execute(f"create temp view landed as {scan(stored, contract()[log].landed)}")
    people = [name for name in columns if name.endswith("_key")]
    make_people(connection, key, [f"(select {name} as subject_key from landed {condition})" for name in people])
    shown, joins = [], []
    for name, kind in columns.items():
        if name in people:
            joins.append(f"left join people as {name}_people on landed.{name} = {name}_people.subject_key")
            shown.append(f"{name}_people.shown as {name}")
        else:
            shown.append(f"to_json(landed.{name})::varchar as {name}" if kind.endswith("]") else f"landed.{name}")
    query = f"select {', '.join(shown)} from (select landed.* from landed {condition}) as landed {' '.join(joins)}"
    told = {name: kind.replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE") for name, kind in columns.items()}
    key_columns = ("namespace", "event_id", "batch_id", "row_number")
    return write_table(connection, query, folder, log, key=key_columns, columns=told, copies=False)
