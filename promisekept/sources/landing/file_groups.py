"""Plain Parquet files of one source go through landing together; each becomes a batch of its own.

Here: which files may go together, the steps that they take in common, and writing one after the other. What a statement takes
to plan does not depend on the rows, so that for small files it comes to more than the rows themselves; and a person whom
several files name is keyed once. Not here: the steps (batch.py has their order) or writing (recording.py). Whatever is unusual
about a file is decided by landing it alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import duckdb

from promisekept.paths import printable
from promisekept.sources.extract.file_readers import parquet_rows, read_together, shapes
from promisekept.sources.extract.files import RejectedFileError
from promisekept.sources.landing.batch import land_file, written_again
from promisekept.sources.landing.deduplication import accepted_rows, deduplicate
from promisekept.sources.landing.fast_validation import right_select
from promisekept.sources.landing.landing_batch import BETWEEN_FILES, LandingBatch, MappingResult
from promisekept.sources.landing.mapping import check_header
from promisekept.sources.landing.pseudonymisation import keyed_content, look_up_persons
from promisekept.sources.landing.recording import FileEvents, first_and_last, record
from promisekept.sources.landing.repeated_rejects import RejectCounts, rejects_by_file, separate_repeats
from promisekept.sources.landing.run import Run
from promisekept.sources.landing.tasks import Landed, LandingTask
from promisekept.sources.landing.typed_events import local_time_bounds, validate
from promisekept.sources.landing.validation import typed_select

_WILDCARDS = frozenset("*?[]{}\\")
MOST_ROWS = 2_000_000
MOST_BYTES = 128 * 2**20
MOST_FILES = 100
"""Of files that go together. What is held of each row meanwhile is the key of its person and the hash of its id."""


def is_plain(task: LandingTask) -> bool:
    """Whether a file may go together with others: Parquet in a folder, of a source that delivers the contract's columns.

    In a list of files, a name with a wildcard might stand for another file, and DuckDB opens none that is no UTF-8.
    """
    source, file = task.source, task.file
    return (
        all(key is None for key in (source.mapping, source.skip, source.history))
        and not source.own_columns
        and (file.format, file.filesystem, task.found.problem) == ("parquet", None, None)
        and file.size > 0
        and not _WILDCARDS & set(file.path)
        and file.path == printable(file.path)
    )


def land_together(run: Run, tasks: Sequence[LandingTask]) -> Iterator[Landed]:
    """Land plain files of one source in their order.

    Raises:
        LandingError: as of `land_file`; the files before it stay landed.
    """
    for rows, some in _groups(run, tasks):
        landed = 0
        if len(some) > 1:
            run.expect_to_compare(some[0].source, len(some))
            for one in _land_group(run, some, rows):
                landed += 1
                yield one
        for task in some[landed:]:
            run.expect_to_compare(task.source)
            yield land_file(run, task)


def _groups(run: Run, tasks: Sequence[LandingTask]) -> Iterator[tuple[list[int], list[LandingTask]]]:
    """Neighbours of the same columns that have few rows together, with the number of rows of each."""
    try:
        found = shapes(run.database, [task.file for task in tasks]) if len(tasks) > 1 else []
    except duckdb.Error:
        found = []
    if not found:
        yield from (([0], [task]) for task in tasks)
        return
    for _, alike in groupby(zip(tasks, found, strict=True), key=lambda one: one[1][1]):
        rows: list[int] = []
        some: list[LandingTask] = []
        for task, (number, _) in alike:
            if some and sum(rows) + number > MOST_ROWS:
                yield rows, some
                rows, some = [], []
            rows.append(number)
            some.append(task)
        yield rows, some


def _land_group(run: Run, tasks: Sequence[LandingTask], rows: Sequence[int]) -> Iterator[Landed]:
    """Land files together, as far as that goes: the rest, or all of them, are to be landed one by one."""
    with run.sandbox() as connection:
        paths: list[Path | None] = []
        try:
            states = [_state(task) for task in tasks]
            batch, files = _prepare(run, connection, tasks, rows)
            for found, state in zip(files, states, strict=True):
                if _state(found.task) != state:
                    raise written_again(found.task)
                landed = record(batch, found)
                file = run.zone.batches[-1].file
                paths.append(None if file is None else run.landing / file)
                yield landed
            run.remember_ids(connection, f"select _n // {BETWEEN_FILES} as file, id from {batch.IDS}", paths)
        except (RejectedFileError, FileNotFoundError, duckdb.Error):
            return


def _prepare(
    run: Run, connection: duckdb.DuckDBPyConnection, tasks: Sequence[LandingTask], rows: Sequence[int]
) -> tuple[LandingBatch, list[FileEvents]]:
    source, log = tasks[0].source, tasks[0].source.contract
    table = read_together(connection, source, [task.file for task in tasks], sum(rows), BETWEEN_FILES)
    check_header(log, source, table)
    connection.execute(f"create temp view {LandingBatch.MAPPED} as select * from raw")
    batch = LandingBatch(run, tasks[0], connection, table, MappingResult(table.columns))
    run.gather_known_persons()
    validated = validate(batch, several=True)
    bounds = None if validated.all_right else local_time_bounds(batch)

    def typed(relation: str) -> str:
        if validated.all_right:
            return right_select(batch, relation)
        return typed_select(batch, nul=False, bounds=bounds, relation=relation, only_values=True)

    rotated = bool(run.keyring.earlier)
    look_up_persons(batch, rotated=rotated)
    met = deduplicate(batch, run.zone.stored(log.name, source.namespace), (), typed)
    separate_repeats(batch, validated.reasons)
    outcomes = _outcomes_by_file(batch) if met else {}
    rejects = rejects_by_file(batch) if validated.reasons else {}
    events = f"select _n, occurred_at from {batch.TYPED}"
    landing = accepted_rows(batch, met=met, rejected=bool(validated.reasons), content=events)
    instants = first_and_last(connection, f"select content._n, content.occurred_at from {landing}", f"_n // {BETWEEN_FILES}")
    files = []
    for place, (task, number) in enumerate(zip(tasks, rows, strict=True)):
        own = f"select * from {batch.KEYED} where _n >= {place * BETWEEN_FILES} and _n < {(place + 1) * BETWEEN_FILES}"
        mapped = f"({parquet_rows([task.file], BETWEEN_FILES, place)})"
        found = FileEvents(
            task,
            rows=number,
            events=number,
            content=keyed_content(batch, rotated=rotated, rows=typed(mapped), looked_up=own),
            rejects=rejects.get(place, RejectCounts({})),
            outcomes=outcomes.get(place),
            number=place,
            instants=instants.get(place, (None, None)),
        )
        files.append(found)
    return batch, files


def _outcomes_by_file(batch: LandingBatch) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    counted = f"select _n // {BETWEEN_FILES}, outcome, count(*) from {batch.OUTCOMES} group by all"
    for file, outcome, number in batch.connection.execute(counted).fetchall():
        found.setdefault(int(file), {})[str(outcome)] = int(number)
    return found


def _state(task: LandingTask) -> tuple[int, float]:
    status = task.file.here.stat()
    return status.st_size, status.st_mtime
