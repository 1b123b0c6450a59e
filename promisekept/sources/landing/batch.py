"""One file becomes one batch: read, map, check, key, class, write, and the ledger line that makes it count.

Here: the order of the steps and the counts that must balance. Not here: the steps themselves, each of which has a module,
nor which files are to be landed (land.py, reland.py, quarantine.py).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb

from promisekept.errors import LandingError
from promisekept.sources.contract import Log, contract
from promisekept.sources.extract.decoding import decode
from promisekept.sources.extract.file_readers import Table, pick, read
from promisekept.sources.extract.files import RejectedFileError, at_hand, fingerprint
from promisekept.sources.extract.headers import kept as kept_names
from promisekept.sources.extract.headers import showable
from promisekept.sources.landing.deduplication import CLASSES, classify, kept
from promisekept.sources.landing.fast_validation import FastChecks, fast_checks
from promisekept.sources.landing.links import name_links
from promisekept.sources.landing.mapping import Mapped, check_header, run_mapping
from promisekept.sources.landing.pseudonymisation import keyed_content, make_persons
from promisekept.sources.landing.rejects import create_rejects, rejects_select
from promisekept.sources.landing.repeated_rejects import NEW_REJECTS, RejectCounts, nothing_new, separate_repeats
from promisekept.sources.landing.run import Run
from promisekept.sources.landing.sequences import numbers
from promisekept.sources.landing.table_changes import (
    Baseline,
    baseline,
    compare_deliveries,
    gone_select,
    make_gone_events,
    unchanged,
    write_baseline,
)
from promisekept.sources.landing.tasks import Landed, Task, batch_body, line_body
from promisekept.sources.landing.validation import span_select, typed_select
from promisekept.sources.sandbox import literal, quoted, sandbox_database, scalar
from promisekept.sources.zone.keyring import Keyring
from promisekept.sources.zone.ledger_sequencer import AbandonedError
from promisekept.sources.zone.storage import Written, write_rows

_SMALL = 200_000
"""Rows of a file that are held in memory while they are judged; a larger Parquet file is read again for every question."""


class NothingNewError(Exception):
    """Every row of a chunk has landed, or was rejected, before; nothing is said of it."""


def land_file(run: Run, task: Task) -> Landed:
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


def _land(run: Run, task: Task) -> Landed:
    log = contract()[task.source.log]
    try:
        if task.found.problem is not None:
            raise task.found.problem
        with run.bench() as connection:
            before = baseline(run, task)
            table, mapped = _prepare(run, connection, log, task, before)
            run.know()
            reasons = _validate(run.keyring, connection, log, task, table=table, mapped=mapped)
            known = run.zone.stored(log.name, task.source.namespace, without=(*task.supersedes, *task.waiting))
            waiting = run.zone.stored(log.name, task.source.namespace, only=task.waiting)
            met = classify(connection, log, task.source.namespace, run.meeting(connection, known), waiting)
            rows = rejects_select(log, mapped.columns, table.columns if mapped.failed else {})
            rejects = separate_repeats(run, connection, task, rows, reasons)
            same = None if before is None else unchanged(connection)
            if task.only_if_new and nothing_new(connection, task, rejects, met=met, same=same):
                raise NothingNewError
            make_gone_events(connection, log, task, before, [*known, *waiting])
            return _record(run, connection, log, task, table=table, mapped=mapped, rejects=rejects, met=met, before=before)
    except RejectedFileError as error:
        return reject_file(run, task, error)
    except duckdb.Error as error:
        if task.file.format == "parquet" and not _lacks_space(error):
            says = "A page of it can't be read: the file is damaged. Deliver it again."
            return reject_file(run, task, RejectedFileError("unreadable_parquet", says))
        raise _failed(task, error) from None


def _lacks_space(error: duckdb.Error) -> bool:
    return isinstance(error, duckdb.OutOfMemoryException) or "No space left" in str(error)


def _failed(task: Task, error: duckdb.Error) -> LandingError:
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


def reject_file(run: Run, task: Task, error: RejectedFileError) -> Landed:
    """Say in the ledger that a whole file can't be taken, and why."""
    body = line_body(run.settings, task)
    known = showable(contract()[task.source.log], task.source)
    body |= {
        "reason": error.reason,
        "says": str(error),
        "header": kept_names(error.header, known, run.key),
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


def _prepare(
    run: Run, connection: duckdb.DuckDBPyConnection, log: Log, task: Task, before: Baseline | None
) -> tuple[Table, Mapped]:
    """Create `mapped(_n, _row, ...)` and `broken`, after a mapping `failing`, and of a history `compared` and `gone`."""
    source = task.source
    if source.mapping is None and source.skip is None and source.linking is None:
        table = _read(connection, log, task)
        check_header(log, source, table)
        names = "".join(f", {quoted(name)}" for name in table.columns)
        connection.execute(f"create temp view mapped as select _n, _row{names} from raw")
        return table, Mapped(table.columns)
    with sandbox_database(run.settings) as locked:
        table = _read(locked, log, task)
        if source.mapping is None and source.linking is None:
            check_header(log, source, table)

        def shape() -> None:
            decode(locked, source, table)
            if before is not None:
                compare_deliveries(locked, source, table, before)

        mapped = run_mapping(locked, log, source, table, shape)
        failed = ", ".join(map(str, mapped.failed)) or "null"
        for name, rows in (
            ("events", "select * from mapped order by _row, event_id"),
            ("broken", "select * from broken"),
            ("failing", f"select * from everything where _row in ({failed})"),
            *((name, f"select * from {name}") for name in (() if before is None else ("compared", "gone"))),
        ):
            connection.register("arriving", locked.sql(rows).to_arrow_reader())
            connection.execute(f"create temp table {name} as select * from arriving")
            connection.unregister("arriving")
    connection.execute("create temp view mapped as select rowid as _n, * from events")
    return table, mapped


def _read(connection: duckdb.DuckDBPyConnection, log: Log, task: Task) -> Table:
    """Create `raw` and `broken`; without a mapping, columns that are only counted by are no part of what is mapped."""
    source = task.source
    table = pick(connection, read(connection, source, task.file, task.found), task.only_rows)
    sequence = numbers(connection, source, table)
    is_mapped = source.mapping is not None or source.linking is not None
    beside = [name for name in source.own_columns if not is_mapped and name not in log.names]
    return replace(table, columns={name: kind for name, kind in table.columns.items() if name not in beside}, sequence=sequence)


def _validate(
    keyring: Keyring, connection: duckdb.DuckDBPyConnection, log: Log, task: Task, *, table: Table, mapped: Mapped
) -> dict[str, int]:
    """Create `typed`, `persons`, `refused` and `content`; the number of rejected rows by reason.

    Raises:
        RejectedFileError: a time without an offset, and the source has no time zone in which to read it.
    """
    span = _span_of_small(connection, log, task, table, mapped)
    lazy = table.lazy and not mapped.ran and table.rows > _SMALL
    nul = task.found.nul or table.lazy
    select = typed_select(log, task.source, mapped.columns, nul=nul, span=span)
    connection.execute(f"create temp {'view' if lazy else 'table'} typed as {select}")
    doubtful = "typed"
    if lazy and (checks := fast_checks(log, task.source, mapped.columns)) is not None:
        unsure = "false" if _all_pass(connection, checks, table.rows) else checks.unsure
        connection.execute(f"create temp view unsure as select * from mapped where {unsure}")
        select = typed_select(log, task.source, mapped.columns, nul=nul, span=span, relation="unsure")
        connection.execute(f"create temp view doubtful as {select}")
        doubtful = "doubtful"
    make_persons(connection, log, keyring)
    if task.source.linking is not None:
        name_links(connection, log)
    reasons = create_rejects(connection, log, doubtful)
    if "no_time_zone" in reasons:
        says = f"It holds times without an offset, and sources.{task.source.name} declares no `time_zone`. Declare it."
        raise RejectedFileError("no_time_zone", says, table.header, table.rows)
    connection.execute(f"create temp view content as {keyed_content(log, rotated=bool(keyring.earlier))}")
    whole = (("malformed_row", table.broken), ("mapping_failed", len(mapped.failed)))
    return reasons | {name: rows for name, rows in whole if rows}


def _all_pass(connection: duckdb.DuckDBPyConnection, checks: FastChecks, rows: int) -> bool:
    if scalar(connection, f"select count(*) from mapped where {checks.right}") != rows:
        return False
    return not any(scalar(connection, f"select count(*) from mapped where {doubt}") for doubt in checks.doubts)


def _span_of_small(
    connection: duckdb.DuckDBPyConnection, log: Log, task: Task, table: Table, mapped: Mapped
) -> tuple[int, int] | None:
    """The local times of a small file, read once more to be spared the rules of two centuries; a large one is not."""
    query = span_select(log, task.source, mapped.columns) if table.rows <= _SMALL else None
    if query is None:
        return None
    first, last = connection.execute(query).fetchall()[0]
    return (0, 0) if first is None else (int(first), int(last))


def _record(
    run: Run,
    connection: duckdb.DuckDBPyConnection,
    log: Log,
    task: Task,
    *,
    table: Table,
    mapped: Mapped,
    rejects: RejectCounts,
    met: bool,
    before: Baseline | None,
) -> Landed:
    """Write the batch's files and then the ledger line that makes them count."""
    rotated = bool(run.keyring.earlier and log.subjects)
    landing, batch_id = run.landing, f"b-{run.number():04d}"
    facts = run.facts(task.source, batch_id)
    rows = _landed_select(log, met=met, refused=bool(rejects), rotated=rotated) + ("" if before is None else gone_select(log))
    written = write_rows(connection, landing, log.name, rows, facts)
    refused = None
    if rejects.new:
        refused = write_rows(connection, landing, "quarantine", NEW_REJECTS, {"batch_id": batch_id})
    gone = 0 if before is None else scalar(connection, "select count(*) from gone_events")
    counts = _counts(connection, table, mapped, landed=written.rows if written else 0, rejects=rejects, met=met, gone=gone)
    first, last = _span(connection, landing, written)
    body = batch_body(run.settings, task, batch_id, run.keyring.current.id) | {
        "file": written.file if written else None,
        "sha256": written.sha256 if written else None,
        "rows": written.rows if written else 0,
        **({"key_ids": _key_ids(connection, landing, written)} if rotated and written else {}),
        "counts": counts,
        "quarantine": refused
        and {"file": refused.file, "sha256": refused.sha256, "rows": refused.rows, "reasons": rejects.reasons},
        "unmapped_rows": mapped.unmapped_rows,
        **({} if table.sequence is None else {"sequence": table.sequence}),
        "first_event_at": first,
        "last_event_at": last,
    }
    noted, note = (None, {}) if before is None else write_baseline(run, connection, before, batch_id, refused=bool(rejects))
    try:
        line = run.record("batch", body | note, written.sha256 if written else task.found.sha256)
    except AbandonedError:
        for file in (written, refused, noted):
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
    )


def _landed_select(log: Log, *, met: bool, refused: bool, rotated: bool) -> str:
    """The rows of the batch's file; binds $namespace, $source, $batch_id, $key_id and $landed_at."""
    columns = ", ".join(f"content.{quoted(name)}" for name in log.content)
    key_id = "coalesce(content._key_id, $key_id)" if rotated else "$key_id"
    collides = "coalesce(classes.collides, false)" if met else "false"
    return f"""
    select $namespace as namespace, {columns}, $source as source, $batch_id as batch_id, {key_id} as key_id,
        $landed_at::timestamptz as landed_at, content._row as row_number, {collides} as collides
    from {kept(met=met, refused=refused)}"""


def _counts(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    mapped: Mapped,
    *,
    landed: int,
    rejects: RejectCounts,
    met: bool,
    gone: int,
) -> dict[str, int]:
    """Both identities of the contract, counted from their two ends and compared.

    `landed` are the rows written, `gone` those of them that no row of the file gave.

    Raises:
        LandingError: they do not balance; nothing of the file counts.
    """
    by_class = dict.fromkeys(CLASSES, 0)
    if met:
        found = connection.execute("select class, count(*) from classes group by class").fetchall()
        by_class |= {str(name): int(rows) for name, rows in found}
    by_class["landed"] = landed - by_class["superseding"] - by_class["conflicting"]
    by_class["duplicate"] += rejects.again
    quarantined = rejects.new
    read = scalar(connection, "select count(*) from mapped") + table.broken + len(mapped.failed) + gone
    if read != sum(by_class.values()) + quarantined:
        raise LandingError(
            f"Landing lost count of rows: read {read}, but {by_class} and {quarantined} quarantined.\n"
            "  This is a fault of the program; nothing of the file was taken. Please report it."
        )
    return {
        "source_rows": table.rows,
        "mapped": table.rows - mapped.skipped - mapped.unmapped,
        "skipped": mapped.skipped,
        "unmapped": mapped.unmapped,
        "held_back": 0,
        "read": read,
        **by_class,
        "quarantined": quarantined,
    }


def _key_ids(connection: duckdb.DuckDBPyConnection, landing: Path, written: Written) -> list[str]:
    """The keys under which people stand in the landed rows."""
    rows = f"read_parquet({literal(str(landing / written.file))})"
    return [str(key_id) for (key_id,) in connection.execute(f"select distinct key_id from {rows} order by all").fetchall()]


def _span(connection: duckdb.DuckDBPyConnection, landing: Path, written: Written | None) -> tuple[str | None, str | None]:
    """First and last instant among the landed rows, as text in UTC."""
    if written is None:
        return None, None
    form = "'%Y-%m-%dT%H:%M:%S.%fZ'"
    rows = f"read_parquet({literal(str(landing / written.file))})"
    first, last = connection.execute(
        f"select strftime(min(occurred_at), {form}), strftime(max(occurred_at), {form}) from {rows}"
    ).fetchall()[0]
    return first, last
