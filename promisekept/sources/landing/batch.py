"""One file becomes one batch: read, map, validate, key, deduplicate, write, and the ledger line that makes it count.

Here: the order of the steps. Not here: the steps themselves, each of which has a module, files that go through them together
(file_groups.py), nor which files are to be landed (land.py, reland.py, quarantine.py).
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

import promisekept
from promisekept.errors import LandingError, MachineError
from promisekept.sources.contract import Log
from promisekept.sources.extract.decoding import decode
from promisekept.sources.extract.file_readers import SourceTable, pick, read
from promisekept.sources.extract.files import RejectedFileError, at_hand, fingerprint
from promisekept.sources.extract.headers import ledger_names as kept_names
from promisekept.sources.extract.headers import showable
from promisekept.sources.landing.deduplication import deduplicate
from promisekept.sources.landing.landing_batch import LandingBatch, MappingResult
from promisekept.sources.landing.mapping import check_header, run_mapping
from promisekept.sources.landing.program_faults import UNFORESEEN, keep_trace
from promisekept.sources.landing.recording import FileEvents, record
from promisekept.sources.landing.repeated_rejects import RejectCounts, nothing_new, separate_repeats
from promisekept.sources.landing.run import Run
from promisekept.sources.landing.sequences import numbers
from promisekept.sources.landing.table_changes import Baseline, baseline, compare_deliveries, create_gone_events, unchanged
from promisekept.sources.landing.tasks import PROGRAM_FAULT, Landed, LandingTask, line_body
from promisekept.sources.landing.typed_events import validate
from promisekept.sources.sandbox import quoted, sandbox_database, scalar
from promisekept.system_errors import refusal


class NothingNewError(Exception):
    """Every row of a chunk has landed, or was rejected, before; nothing is recorded."""


class UnfinishedFileError(LandingError):
    """A file was written again since it was looked for, or taken away; nothing of it was taken."""


def land_file(run: Run, task: LandingTask) -> Landed:
    """Land one file or reject it; either way by one ledger line, before which nothing of it counts.

    Raises:
        NothingNewError: it was to land only if something in it is new.
        UnfinishedFileError: it is no longer what it was when it was chosen.
        MachineError: there is no room for it, or a limit is reached; nothing of the file was taken.
    """
    with at_hand(task.source, task.file, run.landing) as file:
        if file is not task.file and fingerprint(file, task.source.reader).sha256 != task.found.sha256:
            raise _unfinished(task)
        return _land(run, replace(task, file=file))


def require_as_found(task: LandingTask) -> None:
    """Make sure that what was read of a file are the bytes that were hashed before.

    Raises:
        UnfinishedFileError: it was written again meanwhile, or is gone.
    """
    if task.cursor_range is None and not task.file.is_as_found():
        raise _unfinished(task)


def _unfinished(task: LandingTask) -> UnfinishedFileError:
    return UnfinishedFileError(
        f"sources.{task.source.name}: {task.file.name} was written again since it was looked for, or is gone.\n"
        "  Run again when nobody writes there; nothing of it was taken."
    )


def _land(run: Run, task: LandingTask) -> Landed:
    log, namespace = task.source.log, task.source.namespace
    try:
        if task.found.problem is not None:
            raise task.found.problem
        with run.sandbox() as connection:
            before = baseline(run, task)
            batch = _read_and_map(run, connection, task, before)
            run.gather_known_persons()
            reasons = validate(batch).reasons
            earlier = run.zone.stored(log, namespace, without=(*task.supersedes, *task.waiting))
            waiting = run.zone.stored(log, namespace, only=task.waiting) if task.waiting else []
            met = deduplicate(batch, earlier, waiting)
            rejects = separate_repeats(batch, reasons)
            same = None if before is None else unchanged(batch)
            if task.only_if_new and nothing_new(batch, rejects, met=met, same=same):
                raise NothingNewError
            create_gone_events(batch, before, [*earlier, *waiting])
            require_as_found(task)
            return record(batch, _found(batch, rejects, met=met), before)
    except RejectedFileError as error:
        require_as_found(task)
        return reject_file(run, task, error)
    except OSError:
        require_as_found(task)
        raise
    except duckdb.Error as error:
        require_as_found(task)
        if task.file.format == "parquet" and not _lacks_space(error) and refusal(error) is None:
            message = "A page of it can't be read: the file is damaged. Deliver it again."
            return reject_file(run, task, RejectedFileError("unreadable_parquet", message))
        return _without_answer(run, task, error)
    except UNFORESEEN as error:
        require_as_found(task)
        return _reject_at_fault(run, task, error)


def _found(batch: LandingBatch, rejects: RejectCounts, *, met: bool) -> FileEvents:
    events = scalar(batch.connection, f"select count(*) from {batch.MAPPED}")
    outcomes = None
    if met:
        counted = f"select outcome, count(*) from {batch.OUTCOMES} group by outcome"
        outcomes = {str(name): int(rows) for name, rows in batch.connection.execute(counted).fetchall()}
    return FileEvents(batch.task, batch.table.rows, events, None, rejects, outcomes)


def _lacks_space(error: duckdb.Error) -> bool:
    return isinstance(error, duckdb.OutOfMemoryException) or "No space left" in str(error)


def _without_answer(run: Run, task: LandingTask, error: duckdb.Error) -> Landed:
    """Reject a file of which DuckDB makes nothing, unless it lacks room, or the system or an earlier file keeps it from that.

    Raises:
        MachineError: it is no fault of the file, which the next run takes.
    """
    where = f"sources.{task.source.name}: {task.name}"
    if _lacks_space(error):
        raise MachineError(
            f"{where} needs more memory or space for temporary files than there is.\n"
            "  Free some and run again; nothing of this file was taken."
        ) from None
    if (refused := refusal(error)) is not None:
        raise MachineError(f"{where} could not be landed. {refused}") from None
    if isinstance(error, duckdb.FatalException) and "invalidated" in str(error):
        raise MachineError(
            f"{where} waits: a file before it ended DuckDB's work in this run.\n"
            "  Run again: that file is rejected by now, and `promisekept quarantine list` names it."
        ) from None
    return _reject_at_fault(run, task, error)


def _reject_at_fault(run: Run, task: LandingTask, error: Exception) -> Landed:
    """Reject a file that the program can't land, so that it keeps neither the others nor the next run from landing."""
    kind = keep_trace(f"sources.{task.source.name}: {task.name}", error)
    message = (
        f"It could not be landed ({kind}): a fault of the program, not of the file. Please report it with the"
        " file's header; another version of promisekept tries it again."
    )
    return reject_file(run, task, RejectedFileError(PROGRAM_FAULT, message))


def reject_file(run: Run, task: LandingTask, error: RejectedFileError) -> Landed:
    """Record in the ledger that a whole file was rejected, and why."""
    body = line_body(run.settings, task)
    showable_names = showable(task.source.contract, task.source)
    body |= {
        "reason": error.reason,
        "says": str(error),
        "header": kept_names(error.header, showable_names, run.key),
        "rows": error.rows,
        **({"program": promisekept.__version__} if error.reason == PROGRAM_FAULT else {}),
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
