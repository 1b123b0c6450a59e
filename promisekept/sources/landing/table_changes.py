"""Change capture for a table that keeps no history: each delivery is compared with those before it.

Here: the columns `_change` (first, changed, same) and `_changed_at` that the mapping of such a source sees, the memory
that makes the comparison possible, and the events of rows that disappeared. Not here: what a change means, which the
mapping computes, nor when a file lands.

The memory is one small file per batch, named by the batch's ledger line and so true exactly when the batch is: of each row
that was new or changed a keyed hash of its key, a keyed hash of what is watched, and the id of an event that it gave.
Nothing of a row can be read back from it. A change is dated no better than the interval between two deliveries, unless
the row states itself when it changed.

Batches are compared in the order in which their files first landed, also when one is landed again: `order` and `at` are
those of the first time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from promisekept.config.preprocessing import History
from promisekept.config.readers import Files, Http
from promisekept.config.source import Source
from promisekept.errors import ConfigError
from promisekept.sources.contract import contract
from promisekept.sources.extract.file_readers import SourceTable
from promisekept.sources.extract.files import RejectedFileError
from promisekept.sources.landing.landing_batch import LandingBatch
from promisekept.sources.landing.run import Run
from promisekept.sources.landing.tasks import LandingTask
from promisekept.sources.sandbox import described, literal, quoted, scalar
from promisekept.sources.zone.batches import Batch, StoredFile, scan
from promisekept.sources.zone.keyring import Keyring
from promisekept.sources.zone.keys import Key, keyed_sql
from promisekept.sources.zone.storage import WrittenFile, write_rows

FOLDER = "history"
CHANGE, CHANGED_AT = "_change", "_changed_at"
_EMPTY = "It has no rows, so that every row known before would be gone."


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a batch is compared with.

    Attributes:
        history: how the source is to be compared.
        order: the place of this batch among those of its source; null where it is the newest.
        at: the instant of a change that states none itself, and of every disappearance.
        turn: how many deliveries came before.
        shape: the hash of which columns are compared; what was noted under another one is not compared.
        key: the pseudonym key that hashes them, the one of the last note while it is held; nor does what was noted under another.
        files: earlier notes, the oldest first.
        whole: whether this batch is a whole delivery; one that reads rejected rows again neither notes nor misses any.
    """

    history: History
    order: int | None
    at: datetime
    deliveries_before: int
    shape: str
    key: Key
    files: tuple[Path, ...]
    whole: bool


def baseline(run: Run, task: LandingTask) -> Baseline | None:
    """The state before a file is read; None where its source has a history of its own.

    A batch that no longer counts because its time is over still records what its rows were.

    Raises:
        ConfigError: the log has no event that a disappearance could be.
    """
    history = task.source.history
    if history is None:
        return None
    _check(task.source, history)
    shape = _shape(task.source, history)
    first = [_place(one) for one in run.zone.batches if one.batch_id in (*task.supersedes, task.retries)]
    order, at = min(first, default=(None, run.now))
    replaced = {*run.zone.superseded, *task.supersedes}
    noted = [one for one in run.zone.batches if one.source == task.source.name and one.batch_id not in replaced]
    earlier = [
        (_place(one), history_body)
        for one in noted
        if (history_body := one.body.get("history")) is not None and (order is None or _place(one)[0] < order)
    ]
    of_shape = [history_body for _, history_body in sorted(earlier, key=lambda one: one[0]) if history_body["shape"] == shape]
    key = _key(run.keyring, of_shape)
    files = tuple(
        run.landing / history_body["file"]
        for history_body in of_shape
        if history_body["file"] and history_body["key_id"] == key.id
    )
    deliveries_before = len({place for place, _ in earlier})
    return Baseline(history, order, at, deliveries_before, shape, key, files, whole=task.retries is None)


def _shape(source: Source, history: History) -> str:
    """What two deliveries must share to be compared: the columns, and where a row may be missed the question, too."""
    parts: list[Any] = [history.key, history.watch]
    if history.gone is not None and not isinstance(source.reader, Files):
        asked = source.reader.model_dump(mode="json", include={"query", "url", "items"})
        params = source.reader.params if isinstance(source.reader, Http) else {}
        parts.append(asked | {"params": {name: value for name, value in params.items() if isinstance(value, str)}})
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _key(keyring: Keyring, noted: Sequence[Mapping[str, Any]]) -> Key:
    """The key of the last note while it is held: under another one every row would be another one."""
    last = noted[-1]["key_id"] if noted else keyring.current.id
    return next((key for key in (keyring.current, *keyring.earlier) if key.id == last), keyring.current)


def _place(batch: Batch) -> tuple[int, datetime]:
    history: Mapping[str, Any] | None = batch.body.get("history")
    return (batch.seq, batch.at) if history is None else (history["order"], datetime.fromisoformat(history["at"]))


def _check(source: Source, history: History) -> None:
    if history.gone is None:
        return
    where = f"sources.{source.name}.history.gone"
    reader = source.reader
    if not isinstance(reader, Files) and reader.cursor is not None:
        raise ConfigError(
            f"{where}: rows asked for by the cursor `{reader.cursor}` are those that are new, and never the whole table.\n"
            "  Remove `reader.cursor`, so that the table is read whole each time, or remove `gone`."
        )
    if isinstance(reader, Http) and reader.paging.by != "none":
        raise ConfigError(
            f"{where}: paging by `{reader.paging.by}` reads one page after the other; a row that moves meanwhile to a page read"
            " before would be taken for gone.\n"
            "  Ask for everything on one page (`paging: {by: none}`), deliver the whole table as a file, or remove `gone`."
        )
    columns = contract()[source.log].columns
    codes = next((column.codes for column in columns if column.name == "event_type"), ())
    also = {code for column in columns for on, values in column.required_on if on == "event_type" for code in values}
    plain = [code for code in codes if code not in also]
    if history.gone not in plain:
        remedy = f"Those that need nothing else: {', '.join(plain)}" if plain else "It has no kinds of events: remove the key."
        raise ConfigError(f"{where}: the disappearance of a row of `{source.log}` can't be `{history.gone}`.\n  {remedy}")


def compare_deliveries(connection: duckdb.DuckDBPyConnection, source: Source, table: SourceTable, previous: Baseline) -> None:
    """Give `everything` the columns `_change` and `_changed_at`; creates `COMPARED` and `GONE`.

    Raises:
        RejectedFileError: a column is missing, a key is empty or comes twice, or a whole table is suddenly empty.
    """
    history = previous.history
    columns = [name for name in described(connection, "everything") if name != "_row"]
    _check_columns(history, columns, table)
    watched = history.watch or [name for name in columns if name not in (*history.key, history.changed_at)]
    hashes = ", ".join(
        f"{keyed_sql(message)} as {name}"
        for name, message in (("row_key", _message(history.key)), ("row_hash", _message(watched)))
    )
    connection.execute(f"create temp table hashed as select _row, {hashes} from everything", previous.key.pads)
    _check_keys(connection, history, table)
    connection.execute(f"create temp table before as {_remembered(previous)}")
    connection.execute(f"""
        create temp table {LandingBatch.COMPARED} as
        select hashed.*,
            case when before.row_key is null then 'first' when before.row_hash = hashed.row_hash then 'same' else 'changed' end
                as change
        from hashed left join before on hashed.row_key = before.row_key""")
    gone = history.gone is not None and previous.whole and not table.broken
    connection.execute(
        f"""create temp table {LandingBatch.GONE} as select row_key, event_id from before
        where {"true" if gone else "false"} and row_key not in (select row_key from hashed)"""
    )
    if gone and table.rows == 0 and scalar(connection, f"select count(*) from {LandingBatch.GONE}"):
        raise RejectedFileError("history_empty", f"{_EMPTY} Deliver the whole table.", table.header, table.rows)
    at = literal(_written(previous.at, source))
    own = at if history.changed_at is None else f"coalesce(nullif({quoted(history.changed_at)}, ''), {at})"
    connection.execute(
        f"""create temp table with_changes as select everything.*, compared.change as {CHANGE}, {own} as {CHANGED_AT}
        from everything join {LandingBatch.COMPARED} as compared using (_row)"""
    )
    connection.execute("drop table everything")
    connection.execute("alter table with_changes rename to everything")


def check_emptied(run: Run, task: LandingTask) -> None:
    """Reject an empty result of a table that is read whole: an account that lost a right sees no row, either.

    Raises:
        RejectedFileError: there were rows whose disappearance would be an event.
        ConfigError: as `past`.
    """
    previous = baseline(run, task)
    if previous is None or previous.history.gone is None:
        return
    with run.sandbox() as connection:
        if scalar(connection, f"select count(*) from ({_remembered(previous)})"):
            message = f"{_EMPTY} See whether the query and its account still reach the table."
            raise RejectedFileError("history_empty", message, (), 0)


def _check_columns(history: History, columns: list[str], table: SourceTable) -> None:
    for name in (*history.key, *history.watch, *((history.changed_at,) if history.changed_at else ())):
        if name not in columns:
            message = f"`history` names a column `{name}`, which this file does not have."
            raise RejectedFileError("history_column", message, table.header, table.rows)
    for name in (CHANGE, CHANGED_AT):
        if name in columns:
            raise RejectedFileError(
                "history_column", f"It has a column `{name}`, a name that is reserved.", table.header, table.rows
            )


def _check_keys(connection: duckdb.DuckDBPyConnection, history: History, table: SourceTable) -> None:
    named = "`, `".join(history.key)
    empty = " and ".join(f"nullif({quoted(name)}, '') is null" for name in history.key)
    if scalar(connection, f"select count(*) from everything where {empty}"):
        message = f"`history.key` is `{named}`, and it is empty on a row of this file."
        raise RejectedFileError("history_key", message, table.header, table.rows)
    twice = scalar(connection, "select count(*) - count(distinct row_key) from hashed")
    if twice:
        message = (
            f"`history.key` is `{named}`, and {twice} rows repeat the key of another one. Name the columns that tell rows apart."
        )
        raise RejectedFileError("history_key", message, table.header, table.rows)


def _message(columns: Sequence[str]) -> str:
    """One text for the values of several columns; null and empty are the same, as they are to the contract."""
    return "json_array(" + ", ".join(f"nullif({quoted(name)}::varchar, '')" for name in columns) + ")::varchar"


def _remembered(previous: Baseline) -> str:
    parts = ["select 0 as turn, null::varchar as row_key, null::varchar as row_hash, null::varchar as event_id where false"]
    parts += [
        f"select {number} as turn, row_key, row_hash, event_id from read_parquet({literal(str(path))})"
        for number, path in enumerate(previous.files)
    ]
    return f"""
        select row_key, arg_max_null(row_hash, turn) as row_hash, arg_max(event_id, turn) as event_id
        from ({" union all ".join(parts)}) group by row_key having arg_max_null(row_hash, turn) is not null"""


def _written(at: datetime, source: Source) -> str:
    """The instant as the source would write it, so that the mapping may return it like any of its times."""
    form = source.formats.get("occurred_at")
    if form is None:
        return at.astimezone(UTC).isoformat()
    return at.astimezone(ZoneInfo(source.time_zone or "UTC")).strftime(form)


def unchanged(batch: LandingBatch) -> bool:
    """Whether every row is as before, and none is gone."""
    changed = f"select count(*) from {batch.COMPARED} where change <> 'same'"
    return not scalar(batch.connection, f"select ({changed}) + (select count(*) from {batch.GONE})")


def create_gone_events(batch: LandingBatch, previous: Baseline | None, landed: Sequence[StoredFile]) -> None:
    """Create `GONE_EVENTS` from an event that landed of each row that disappeared.

    Of that event only the columns are repeated that name the record, the person and what the log always needs. Their
    numbers are below 0, because the file has no such rows.
    """
    if previous is None:
        return
    connection, log = batch.connection, batch.log
    always = {column.name for column in log.columns if column.required} | {"subject_key", "subject_ref_type"}
    values = {
        "event_id": f"'gone:' || gone.row_key || ':{previous.deliveries_before}'",
        "revision": "0::bigint",
        "occurred_at": f"{literal(previous.at.isoformat())}::timestamptz",
        "event_type": literal(previous.history.gone or ""),
    }
    columns = ", ".join(
        f"{values.get(name, f'last.{quoted(name)}' if name in always else f'null::{kind}')} as {quoted(name)}"
        for name, kind in log.content.items()
    )
    files = landed if scalar(connection, f"select count(*) from {batch.GONE}") else []
    connection.execute(
        f"""create temp table {batch.GONE_EVENTS} as select {columns}, -row_number() over (order by gone.row_key) as _row
        from {batch.GONE} as gone
        join ({scan(files, log)}) as last on gone.event_id = last.event_id and last.namespace = $namespace
        qualify row_number() over (partition by gone.row_key order by last.revision desc) = 1""",
        {"namespace": batch.source.namespace},
    )


def gone_select(batch: LandingBatch, facts: Mapping[str, str]) -> str:
    """What is added to the query for the rows of a batch's file: the events of rows that disappeared.

    `facts`: what stands in every row of the batch, as SQL.
    """
    columns = ", ".join(quoted(name) for name in batch.log.content)
    return f"""
    union all
    select {facts["namespace"]}, {columns}, {facts["source"]}, {facts["batch_id"]}, {facts["key_id"]}, {facts["landed_at"]},
        _row, false from {batch.GONE_EVENTS}"""


def write_baseline(
    batch: LandingBatch, previous: Baseline, batch_id: str, *, rejected: bool
) -> tuple[WrittenFile | None, dict[str, Any]]:
    """Write down what was new, changed or gone.

    The batch's id makes each note a file of its own, also where two batches note the same.

    Returns:
        The file, and what the batch's ledger line states about the comparison.
    """
    run, connection = batch.run, batch.connection
    sound = f"and typed._n not in (select _n from {batch.REJECTED})" if rejected else ""
    rows = f"""
    select row_key, row_hash, event_id, $batch_id as batch_id from (
        select compared.row_key, compared.row_hash,
            (select min(typed.event_id) from {batch.TYPED} as typed where typed._row = compared._row {sound}) as event_id
        from {batch.COMPARED} as compared where compared.change <> 'same' and {"true" if previous.whole else "false"}
        union all
        select row_key, null, event_id from {batch.GONE}
    ) order by row_key"""
    noted = write_rows(connection, run.landing, FOLDER, rows, {"batch_id": batch_id})
    found = dict(connection.execute(f"select change, count(*) from {batch.COMPARED} group by change").fetchall())
    history = {
        "file": noted and noted.file,
        "sha256": noted and noted.sha256,
        "order": run.number() if previous.order is None else previous.order,
        "at": previous.at.isoformat(),
        "shape": previous.shape,
        "key_id": previous.key.id,
        **{name: int(found.get(name, 0)) for name in ("first", "changed", "same")},
        "gone": scalar(connection, f"select count(*) from {batch.GONE}"),
    }
    return noted, {"history": history}
