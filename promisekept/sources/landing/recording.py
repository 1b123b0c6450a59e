"""The rows of one file are written, and then the ledger line that makes them count.

Here: the files of a batch, the counts that must balance, and the line. Not here: what becomes of each row before (batch.py, and
file_groups.py where several files go together), or how a file is written (zone/storage.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from promisekept.sources.extract.files import RejectedFileError
from promisekept.sources.landing.deduplication import OUTCOMES, accepted_rows
from promisekept.sources.landing.landing_batch import LandingBatch
from promisekept.sources.landing.repeated_rejects import RejectCounts, new_rejects_select
from promisekept.sources.landing.table_changes import Baseline, gone_select, write_baseline
from promisekept.sources.landing.tasks import PROGRAM_FAULT, Landed, LandingTask, batch_body
from promisekept.sources.sandbox import literal, quoted, scalar
from promisekept.sources.zone.ledger import LedgerError
from promisekept.sources.zone.ledger_sequencer import AbandonedError
from promisekept.sources.zone.storage import WrittenFile, write_rows

Instants = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class FileEvents:
    """What one file of a `LandingBatch` comes to, just before it is written.

    Attributes:
        task: the file.
        rows: how many it has.
        events: how many events were made of them, rejected ones included.
        content: a query for these events, with the columns of `CONTENT`; None where that holds no others.
        rejects: those of its rows that are rejected.
        outcomes: by outcome, how many events stand in `OUTCOMES`; None where none does.
        number: its place among the files that go together.
        instants: the first and the last of the events that land; None where these are to be read again once they are written.
    """

    task: LandingTask
    rows: int
    events: int
    content: str | None
    rejects: RejectCounts
    outcomes: Mapping[str, int] | None
    number: int = 0
    instants: Instants | None = None


def record(batch: LandingBatch, found: FileEvents, before: Baseline | None = None) -> Landed:
    """Write the files of a batch and then its ledger line.

    Raises:
        MachineError: the disk is full or can't be written; nothing of the file counts.
        RejectedFileError: rows were lost count of; nothing of the file counts.
    """
    run, task, connection, log, rejects = batch.run, found.task, batch.connection, batch.log, found.rejects
    rotated = bool(run.keyring.earlier and log.subjects)
    landing, batch_id = run.landing, f"b-{run.number():04d}"
    facts = {name: _constant(value) for name, value in run.facts(task.source, batch_id).items()}
    rows = _landed_select(batch, found, facts, rotated=rotated)
    written = write_rows(connection, landing, log.name, rows + ("" if before is None else gone_select(batch, facts)), {})
    quarantine = None
    if rejects.new:
        rejected = new_rejects_select(batch, found.number)
        quarantine = write_rows(connection, landing, "quarantine", rejected, {"batch_id": batch_id})
    gone = 0 if before is None else scalar(connection, f"select count(*) from {batch.GONE_EVENTS}")
    try:
        counts = _counts(batch, found, landed=written.rows if written else 0, gone=gone)
    except RejectedFileError:
        _remove(landing, written, quarantine)
        raise
    first, last = found.instants or _instants(connection, landing, written)
    body = batch_body(run.settings, task, batch_id, run.keyring.current.id) | {
        "file": written.file if written else None,
        "sha256": written.sha256 if written else None,
        "rows": written.rows if written else 0,
        **({"key_ids": _key_ids(connection, landing, written)} if rotated and written else {}),
        "counts": counts,
        "quarantine": quarantine
        and {"file": quarantine.file, "sha256": quarantine.sha256, "rows": quarantine.rows, "reasons": rejects.reasons},
        "unmapped_rows": batch.events.unmapped_rows,
        **({} if batch.table.sequence is None else {"sequence": batch.table.sequence}),
        "first_event_at": first,
        "last_event_at": last,
    }
    noted, note = (None, {}) if before is None else write_baseline(batch, before, batch_id, rejected=bool(rejects))
    try:
        line = run.record("batch", body | note, written.sha256 if written else task.found.sha256)
    except (AbandonedError, LedgerError):  # nothing was recorded, so that nobody would ever look for them
        _remove(landing, written, quarantine, noted)
        raise
    return Landed(
        source=task.source.name,
        log=log.name,
        path=body["origin"]["path"],
        sha256=task.found.sha256,
        seq=line.seq,
        batch_id=batch_id,
        counts=counts,
        quarantined=rejects.reasons,
        failures=batch.events.failures,
    )


def _remove(landing: Path, *files: WrittenFile | None) -> None:
    for file in files:
        if file is not None:
            (landing / file.file).unlink()


def _constant(value: object) -> str:
    """What is the same in every row, as SQL. A text becomes a list of one code, which is written without comparing the rows."""
    if isinstance(value, datetime):
        return f"{literal(value.isoformat())}::timestamptz"
    text = literal(str(value))
    return f"{text}::enum({text})"


def _landed_select(batch: LandingBatch, found: FileEvents, facts: Mapping[str, str], *, rotated: bool) -> str:
    """The rows of the batch's file, with what is the same in all of them."""
    columns = ", ".join(f"content.{quoted(name)}" for name in batch.log.content)
    key_id = f"coalesce(content._key_id, {facts['key_id']})" if rotated else facts["key_id"]
    met = found.outcomes is not None
    collides = "coalesce(outcomes.collides, false)" if met else "false"
    return f"""
    select {facts["namespace"]} as namespace, {columns}, {facts["source"]} as source, {facts["batch_id"]} as batch_id,
        {key_id} as key_id, {facts["landed_at"]} as landed_at, content._row as row_number, {collides} as collides
    from {accepted_rows(batch, met=met, rejected=bool(found.rejects), content=found.content)}"""


def _counts(batch: LandingBatch, found: FileEvents, *, landed: int, gone: int) -> dict[str, int]:
    """Both identities of the contract, counted from their two ends and compared.

    `landed` are the rows written, `gone` those of them that no row of the file gave.

    Raises:
        RejectedFileError: they do not balance; nothing of the file counts.
    """
    table, events = batch.table, batch.events
    by_outcome = dict.fromkeys(OUTCOMES, 0) | dict(found.outcomes or {})
    by_outcome["landed"] = landed - by_outcome["superseding"] - by_outcome["conflicting"]
    by_outcome["duplicate"] += found.rejects.again
    quarantined = found.rejects.new
    read = found.events + table.broken + len(events.failed) + gone
    if read != sum(by_outcome.values()) + quarantined:
        raise RejectedFileError(
            PROGRAM_FAULT,
            f"Landing lost count of rows: read {read}, but {by_outcome} and {quarantined} quarantined. This is a fault of the"
            " program; please report it. Another version of promisekept tries the file again.",
        )
    return {
        "source_rows": found.rows,
        "mapped": found.rows - events.skipped - events.unmapped,
        "skipped": events.skipped,
        "unmapped": events.unmapped,
        "held_back": 0,
        "read": read,
        **by_outcome,
        "quarantined": quarantined,
    }


def _key_ids(connection: duckdb.DuckDBPyConnection, landing: Path, written: WrittenFile) -> list[str]:
    """The keys under which people stand in the landed rows."""
    rows = f"read_parquet({literal(str(landing / written.file))})"
    return [str(key_id) for (key_id,) in connection.execute(f"select distinct key_id from {rows} order by all").fetchall()]


def _instants(connection: duckdb.DuckDBPyConnection, landing: Path, written: WrittenFile | None) -> Instants:
    if written is None:
        return None, None
    return first_and_last(connection, f"from read_parquet({literal(str(landing / written.file))})")[0]


def first_and_last(connection: duckdb.DuckDBPyConnection, rows: str, by: str = "0") -> dict[int, Instants]:
    """First and last instant of events, as text in UTC.

    Args:
        connection: knows the relations of the query.
        rows: a query that yields `occurred_at`.
        by: an expression of its columns; there is one entry per value.
    """
    form = "'%Y-%m-%dT%H:%M:%S.%fZ'"
    found = connection.execute(
        f"select {by}, strftime(min(occurred_at), {form}), strftime(max(occurred_at), {form}) from ({rows}) group by all"
    ).fetchall()
    return {int(one): (first, last) for one, first, last in found}
