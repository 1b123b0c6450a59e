"""One file becomes one batch: read, map, validate, key, deduplicate, write, and the ledger line that makes it count.

Here: the order of the steps and the counts that must balance. Not here: the steps themselves, each of which has a module,
nor which files are to be landed (land.py, reland.py, quarantine.py).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb

from promisekept.errors import LandingError
from promisekept.sources.contract import Log
from promisekept.sources.extract.decoding import decode
from promisekept.sources.extract.file_readers import SourceTable, pick, read
from promisekept.sources.extract.files import RejectedFileError, at_hand, fingerprint
from promisekept.sources.extract.headers import ledger_names as kept_names
from promisekept.sources.extract.headers import showable
from promisekept.sources.landing.deduplication import OUTCOMES, accepted_rows, deduplicate
from promisekept.sources.landing.fast_validation import FastChecks, fast_checks
from promisekept.sources.landing.landing_batch import LandingBatch, MappingResult
from promisekept.sources.landing.links import name_links
from promisekept.sources.landing.mapping import check_header, run_mapping
from promisekept.sources.landing.pseudonymisation import key_persons, keyed_content
from promisekept.sources.landing.rejects import create_rejects
from promisekept.sources.landing.repeated_rejects import RejectCounts, new_rejects_select, nothing_new, separate_repeats
from promisekept.sources.landing.run import Run
from promisekept.sources.landing.sequences import numbers
from promisekept.sources.landing.table_changes import (
    Baseline,
    baseline,
    compare_deliveries,
    create_gone_events,
    gone_select,
    unchanged,
    write_baseline,
)
from promisekept.sources.landing.tasks import Landed, LandingTask, batch_body, line_body
from promisekept.sources.landing.validation import bounds_select, typed_select
from promisekept.sources.sandbox import literal, quoted, sandbox_database, scalar
from promisekept.sources.zone.ledger import LedgerError
from promisekept.sources.zone.ledger_sequencer import AbandonedError
from promisekept.sources.zone.storage import WrittenFile, write_rows

_SMALL = 200_000
"""Rows of a file that are held in memory while they are validated; a larger Parquet file is read again for every question."""


class NothingNewError(Exception):
    """Every row of a chunk has landed, or was rejected, before; nothing is recorded."""


def land_file(run: Run, task: LandingTask) -> Landed:
    """Land one file or reject it; either way by one ledger line, before which nothing of it counts.

    Raises:
        NothingNewError: it was to land only if something in it is new.
        LandingError: the disk is full or can't be written, or an object is no longer what it was when it was chosen;
            nothing of the file was taken.
    """
    with at_hand(task.source, task.file, run.landing) as file:
        if file is not task.file and fingerprint(file, task.source.reader).sha256 != task.found.sha256:
            raise LandingError(
                f"sources.{task.source.name}: {file.name} was written again since it was looked for.\n"
                "  Run again when nobody writes there; nothing of it was taken."
            )
        return _land(run, replace(task, file=file))


def _land(run: Run, task: LandingTask) -> Landed:
    log, namespace = task.source.log, task.source.namespace
    try:
        if task.found.problem is not None:
            raise task.found.problem
        with run.sandbox() as connection:
            before = baseline(run, task)
            batch = _read_and_map(run, connection, task, before)
            run.gather_known_persons()
            reasons = _validate(batch)
            earlier = run.zone.stored(log, namespace, without=(*task.supersedes, *task.waiting))
            waiting = run.zone.stored(log, namespace, only=task.waiting)
            met = deduplicate(batch, run.meeting(connection, batch.TYPED, earlier), waiting)
            rejects = separate_repeats(batch, reasons)
            same = None if before is None else unchanged(batch)
            if task.only_if_new and nothing_new(batch, rejects, met=met, same=same):
                raise NothingNewError
            create_gone_events(batch, before, [*earlier, *waiting])
            return _record(batch, rejects, met=met, before=before)
    except RejectedFileError as error:
        return reject_file(run, task, error)
    except duckdb.Error as error:
        if task.file.format == "parquet" and not _lacks_space(error):
            message = "A page of it can't be read: the file is damaged. Deliver it again."
            return reject_file(run, task, RejectedFileError("unreadable_parquet", message))
        raise _failed(task, error) from None


def _lacks_space(error: duckdb.Error) -> bool:
    return isinstance(error, duckdb.OutOfMemoryException) or "No space left" in str(error)


def _failed(task: LandingTask, error: duckdb.Error) -> LandingError:
    """DuckDB's own message may quote a row, so only its kind is shown."""
    where = f"sources.{task.source.name}: {task.name}"
    if _lacks_space(error):
        return LandingError(
            f"{where} needs more memory or space for temporary files than there is.\n"
            "  Free some and run again; nothing of this file was taken."
        )
    return LandingError(
        f"{where} could not be landed ({type(error).__name__}).\n"
        "  This is a fault of the program; nothing of the file was taken. Please report it with the file's header."
    )


def reject_file(run: Run, task: LandingTask, error: RejectedFileError) -> Landed:
    """Record in the ledger that a whole file was rejected, and why."""
    body = line_body(run.settings, task)
    showable_names = showable(task.source.contract, task.source)
    body |= {
        "reason": error.reason,
        "says": str(error),
        "header": kept_names(error.header, showable_names, run.key),
        "rows": error.rows,
    }
    line = run.record("held_back", body, task.found.sha256)
    return Landed(
        source=task.source.name,
        log=task.source.log,
        path=body["origin"]["path"],
        sha256=task.found.sha256,
        seq=line.seq,
        batch_id=None,
        counts=dict.fromkeys(("source_rows", "held_back"), error.rows or 0),
        held_back=error.reason,
        says=str(error),
    )


def _read_and_map(run: Run, connection: duckdb.DuckDBPyConnection, task: LandingTask, before: Baseline | None) -> LandingBatch:
    """Create `MAPPED` and `BROKEN`, after a mapping `FAILING`, and of a table that keeps no history `COMPARED` and `GONE`."""
    log, source = task.source.contract, task.source
    if source.mapping is None and source.skip is None and source.linking is None:
        table = _read(connection, log, task)
        check_header(log, source, table)
        names = "".join(f", {quoted(name)}" for name in table.columns)
        connection.execute(f"create temp view {LandingBatch.MAPPED} as select _n, _row{names} from raw")
        return LandingBatch(run, task, connection, table, MappingResult(table.columns))
    with sandbox_database(run.settings) as locked:
        table = _read(locked, log, task)
        if source.mapping is None and source.linking is None:
            check_header(log, source, table)

        def shape() -> None:
            decode(locked, source, table)
            if before is not None:
                compare_deliveries(locked, source, table, before)

        events = run_mapping(locked, log, source, table, shape)
        failed = ", ".join(map(str, events.failed)) or "null"
        compared = () if before is None else (LandingBatch.COMPARED, LandingBatch.GONE)
        for name, rows in (
            ("mapped_events", "select * from mapped order by _row, event_id"),
            (LandingBatch.BROKEN, "select * from broken"),
            (LandingBatch.FAILING, f"select * from everything where _row in ({failed})"),
            *((name, f"select * from {name}") for name in compared),
        ):
            connection.register("arriving", locked.sql(rows).to_arrow_reader())
            connection.execute(f"create temp table {name} as select * from arriving")
            connection.unregister("arriving")
    connection.execute(f"create temp view {LandingBatch.MAPPED} as select rowid as _n, * from mapped_events")
    return LandingBatch(run, task, connection, table, events)


def _read(connection: duckdb.DuckDBPyConnection, log: Log, task: LandingTask) -> SourceTable:
    """Create `raw` and `BROKEN`; without a mapping, columns that are only counted by are no part of what is mapped."""
    source = task.source
    table = pick(connection, read(connection, source, task.file, task.found), task.only_rows)
    sequence = numbers(connection, source, table)
    is_mapped = source.mapping is not None or source.linking is not None
    beside = [name for name in source.own_columns if not is_mapped and name not in log.names]
    return replace(table, columns={name: kind for name, kind in table.columns.items() if name not in beside}, sequence=sequence)


def _validate(batch: LandingBatch) -> dict[str, int]:
    """Create `TYPED`, `PERSONS`, `REJECTED` and `CONTENT`; the number of rejected rows by reason.

    Raises:
        RejectedFileError: a time without an offset, and the source has no time zone in which to read it.
    """
    connection, table, events = batch.connection, batch.table, batch.events
    bounds = _local_time_bounds(batch)
    lazy = table.lazy and not events.ran and table.rows > _SMALL
    nul = batch.task.found.nul or table.lazy
    connection.execute(
        f"create temp {'view' if lazy else 'table'} {batch.TYPED} as {typed_select(batch, nul=nul, bounds=bounds)}"
    )
    doubtful = batch.TYPED
    if lazy and (checks := fast_checks(batch)) is not None:
        unsure = "false" if _all_pass(batch, checks) else checks.unsure
        connection.execute(f"create temp view unsure as select * from {batch.MAPPED} where {unsure}")
        doubtful = "doubtful"
        select = typed_select(batch, nul=nul, bounds=bounds, relation="unsure")
        connection.execute(f"create temp view {doubtful} as {select}")
    key_persons(batch)
    if batch.source.linking is not None:
        name_links(batch)
    reasons = create_rejects(batch, doubtful)
    if "no_time_zone" in reasons:
        message = f"It holds times without an offset, and sources.{batch.source.name} declares no `time_zone`. Declare it."
        raise RejectedFileError("no_time_zone", message, table.header, table.rows)
    content = keyed_content(batch, rotated=bool(batch.run.keyring.earlier))
    connection.execute(f"create temp view {batch.CONTENT} as {content}")
    whole = (("malformed_row", table.broken), ("mapping_failed", len(events.failed)))
    return reasons | {name: rows for name, rows in whole if rows}


def _all_pass(batch: LandingBatch, checks: FastChecks) -> bool:
    counted = f"select count(*) from {batch.MAPPED}"
    if scalar(batch.connection, f"{counted} where {checks.right}") != batch.table.rows:
        return False
    return not any(scalar(batch.connection, f"{counted} where {doubt}") for doubt in checks.doubts)


def _local_time_bounds(batch: LandingBatch) -> tuple[int, int] | None:
    """The local times of a small file, read once more to be spared the rules of two centuries; a large one is not."""
    query = bounds_select(batch) if batch.table.rows <= _SMALL else None
    if query is None:
        return None
    first, last = batch.connection.execute(query).fetchall()[0]
    return (0, 0) if first is None else (int(first), int(last))


def _record(batch: LandingBatch, rejects: RejectCounts, *, met: bool, before: Baseline | None) -> Landed:
    """Write the batch's files and then the ledger line that makes them count."""
    run, task, connection, table, log = batch.run, batch.task, batch.connection, batch.table, batch.log
    rotated = bool(run.keyring.earlier and log.subjects)
    landing, batch_id = run.landing, f"b-{run.number():04d}"
    facts = run.facts(task.source, batch_id)
    rows = _landed_select(batch, met=met, rejected=bool(rejects), rotated=rotated)
    written = write_rows(connection, landing, log.name, rows + ("" if before is None else gone_select(batch)), facts)
    quarantine = None
    if rejects.new:
        quarantine = write_rows(connection, landing, "quarantine", new_rejects_select(batch), {"batch_id": batch_id})
    gone = 0 if before is None else scalar(connection, f"select count(*) from {batch.GONE_EVENTS}")
    counts = _counts(batch, rejects, landed=written.rows if written else 0, met=met, gone=gone)
    first, last = _first_and_last(connection, landing, written)
    body = batch_body(run.settings, task, batch_id, run.keyring.current.id) | {
        "file": written.file if written else None,
        "sha256": written.sha256 if written else None,
        "rows": written.rows if written else 0,
        **({"key_ids": _key_ids(connection, landing, written)} if rotated and written else {}),
        "counts": counts,
        "quarantine": quarantine
        and {"file": quarantine.file, "sha256": quarantine.sha256, "rows": quarantine.rows, "reasons": rejects.reasons},
        "unmapped_rows": batch.events.unmapped_rows,
        **({} if table.sequence is None else {"sequence": table.sequence}),
        "first_event_at": first,
        "last_event_at": last,
    }
    noted, note = (None, {}) if before is None else write_baseline(batch, before, batch_id, rejected=bool(rejects))
    try:
        line = run.record("batch", body | note, written.sha256 if written else task.found.sha256)
    except (AbandonedError, LedgerError):  # nothing was recorded, so that nobody would ever look for them
        for file in (written, quarantine, noted):
            if file is not None:
                (landing / file.file).unlink()
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


def _landed_select(batch: LandingBatch, *, met: bool, rejected: bool, rotated: bool) -> str:
    """The rows of the batch's file; binds $namespace, $source, $batch_id, $key_id and $landed_at."""
    columns = ", ".join(f"content.{quoted(name)}" for name in batch.log.content)
    key_id = "coalesce(content._key_id, $key_id)" if rotated else "$key_id"
    collides = "coalesce(outcomes.collides, false)" if met else "false"
    return f"""
    select $namespace as namespace, {columns}, $source as source, $batch_id as batch_id, {key_id} as key_id,
        $landed_at::timestamptz as landed_at, content._row as row_number, {collides} as collides
    from {accepted_rows(batch, met=met, rejected=rejected)}"""


def _counts(batch: LandingBatch, rejects: RejectCounts, *, landed: int, met: bool, gone: int) -> dict[str, int]:
    """Both identities of the contract, counted from their two ends and compared.

    `landed` are the rows written, `gone` those of them that no row of the file gave.

    Raises:
        LandingError: they do not balance; nothing of the file counts.
    """
    connection, table, events = batch.connection, batch.table, batch.events
    by_outcome = dict.fromkeys(OUTCOMES, 0)
    if met:
        found = connection.execute(f"select outcome, count(*) from {batch.OUTCOMES} group by outcome").fetchall()
        by_outcome |= {str(name): int(rows) for name, rows in found}
    by_outcome["landed"] = landed - by_outcome["superseding"] - by_outcome["conflicting"]
    by_outcome["duplicate"] += rejects.again
    quarantined = rejects.new
    read = scalar(connection, f"select count(*) from {batch.MAPPED}") + table.broken + len(events.failed) + gone
    if read != sum(by_outcome.values()) + quarantined:
        raise LandingError(
            f"Landing lost count of rows: read {read}, but {by_outcome} and {quarantined} quarantined.\n"
            "  This is a fault of the program; nothing of the file was taken. Please report it."
        )
    return {
        "source_rows": table.rows,
        "mapped": table.rows - events.skipped - events.unmapped,
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


def _first_and_last(
    connection: duckdb.DuckDBPyConnection, landing: Path, written: WrittenFile | None
) -> tuple[str | None, str | None]:
    """First and last instant among the landed rows, as text in UTC."""
    if written is None:
        return None, None
    form = "'%Y-%m-%dT%H:%M:%S.%fZ'"
    rows = f"read_parquet({literal(str(landing / written.file))})"
    first, last = connection.execute(
        f"select strftime(min(occurred_at), {form}), strftime(max(occurred_at), {form}) from {rows}"
    ).fetchall()[0]
    return first, last
