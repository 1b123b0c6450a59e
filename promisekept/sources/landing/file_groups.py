"""Plain files of one source go through landing together; each becomes a batch of its own.

Here: which files may go together, the steps that they take in common, and writing one after the other. What a statement takes
to plan does not depend on the rows, so that for small files it comes to more than the rows themselves; and a person whom
several files name is keyed once. Not here: the steps (batch.py has their order), reading (extract/files_together.py) or writing
(recording.py). Whatever is unusual about a file is decided by landing it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import duckdb

from promisekept.paths import printable
from promisekept.sources.extract.files import RejectedFileError
from promisekept.sources.extract.files_together import FileShape, NotTogetherError, parquet_rows, read_together, shapes
from promisekept.sources.landing.batch import UnfinishedFileError, land_file, require_as_found
from promisekept.sources.landing.deduplication import accepted_rows, deduplicate
from promisekept.sources.landing.fast_validation import right_select
from promisekept.sources.landing.landing_batch import BETWEEN_FILES, LandingBatch, MappingResult
from promisekept.sources.landing.mapping import check_header
from promisekept.sources.landing.program_faults import UNFORESEEN
from promisekept.sources.landing.pseudonymisation import keyed_content, look_up_persons
from promisekept.sources.landing.recording import FileEvents, first_and_last, record
from promisekept.sources.landing.repeated_rejects import RejectCounts, rejects_by_file, separate_repeats
from promisekept.sources.landing.run import Run
from promisekept.sources.landing.tasks import Landed, LandingTask
from promisekept.sources.landing.typed_events import Validated, local_time_bounds, validate
from promisekept.sources.landing.validation import typed_select

_WILDCARDS = frozenset("*?[]{}\\")
_MOST_TEXT = 4 * 2**20
"""Bytes of a text file that goes with others: its rows are held in memory, and what it takes to plan is little beside more."""
MOST_ROWS = 2_000_000
MOST_BYTES = 128 * 2**20
MOST_FILES = 100
"""Of files that go together. What is held of each row meanwhile is the key of its person and the hash of its id."""

Shaped = tuple[LandingTask, FileShape]


def is_plain(task: LandingTask) -> bool:
    """Whether a file may go together with others: one in a folder, of a source that delivers the contract's columns.

    In a list of files, a name with a wildcard might stand for another file, and DuckDB opens none that is no UTF-8.
    """
    source, file, found = task.source, task.file, task.found
    return (
        all(key is None for key in (source.mapping, source.skip, source.history))
        and not source.own_columns
        and (file.filesystem, file.problem, found.problem) == (None, None, None)
        and (file.format == "parquet" or _is_little_text(task))
        and file.size > 0
        and not _WILDCARDS & set(file.path)
        and file.path == printable(file.path)
    )


def _is_little_text(task: LandingTask) -> bool:
    return task.file.format in ("csv", "jsonl") and not task.found.nul and 0 < task.found.plain_size <= _MOST_TEXT


def weight(task: LandingTask) -> int:
    """The bytes of a file, without gzip."""
    return max(task.file.size, task.found.plain_size)


def land_together(run: Run, tasks: Sequence[LandingTask]) -> Iterator[Landed]:
    """Land plain files of one source in their order.

    Raises:
        LandingError: as of `land_file`; the files before it stay landed.
    """
    found = shapes(run.database, tasks[0].source, [task.file for task in tasks]) if len(tasks) > 1 else [None] * len(tasks)
    for columns, neighbours in groupby(zip(tasks, found, strict=True), key=lambda one: one[1] and one[1].columns):
        if columns is None:
            for task, _ in neighbours:
                yield from land_alone(run, task)
        else:
            for some in _groups([(task, shape) for task, shape in neighbours if shape is not None]):
                yield from _land_alike(run, some)


def _groups(files: Sequence[Shaped]) -> Iterator[list[Shaped]]:
    """Neighbours that have few rows together."""
    some: list[Shaped] = []
    rows = 0
    for task, shape in files:
        if some and rows + shape.rows > MOST_ROWS:
            yield some
            some, rows = [], 0
        some.append((task, shape))
        rows += shape.rows
    yield some


def land_alone(run: Run, task: LandingTask) -> Iterator[Landed]:
    """Land one file; one that is still being written waits for the next run.

    Raises:
        LandingError: as of `land_file`.
    """
    run.expect_to_compare(task.source)
    try:
        yield land_file(run, task)
    except UnfinishedFileError:
        run.unfinished.append(task.file)


def _land_alike(run: Run, files: Sequence[Shaped]) -> Iterator[Landed]:
    """Land files of the same columns together; where one of them keeps the others from it, by halves."""
    if len(files) == 1:
        yield from land_alone(run, files[0][0])
        return
    landed = 0
    run.expect_to_compare(files[0][0].source, len(files))
    for one in _land_group(run, files):
        landed += 1
        yield one
    left = files[landed:]
    half = (len(left) + 1) // 2
    for part in (left[:half], left[half:]):
        if part:
            yield from _land_alike(run, part)


def _land_group(run: Run, files: Sequence[Shaped]) -> Iterator[Landed]:
    """Land files together, as far as that goes: the rest, or all of them, are to be landed otherwise."""
    with run.sandbox() as connection:
        paths: list[Path | None] = []
        try:
            batch, prepared = _prepare(run, connection, files)
            for found in prepared:
                require_as_found(found.task)
                landed = record(batch, found)
                file = run.zone.batches[-1].file
                paths.append(None if file is None else run.landing / file)
                yield landed
            run.remember_ids(connection, f"select _n // {BETWEEN_FILES} as file, id from {batch.IDS}", paths)
        except (RejectedFileError, NotTogetherError, UnfinishedFileError, duckdb.Error, *UNFORESEEN):
            return


def _prepare(run: Run, connection: duckdb.DuckDBPyConnection, shaped: Sequence[Shaped]) -> tuple[LandingBatch, list[FileEvents]]:
    tasks = [task for task, _ in shaped]
    source, log = tasks[0].source, tasks[0].source.contract
    table, rows = read_together(connection, source, [task.file for task in tasks], [shape for _, shape in shaped], BETWEEN_FILES)
    check_header(log, source, table)
    connection.execute(f"create temp view {LandingBatch.MAPPED} as select * from raw")
    batch = LandingBatch(run, tasks[0], connection, table, MappingResult(table.columns))
    run.gather_known_persons()
    validated = validate(batch, several=True)
    typed = None if validated.held else _typed(batch, validated)
    rotated = bool(run.keyring.earlier)
    if typed is not None:
        look_up_persons(batch, rotated=rotated)
    met = deduplicate(batch, run.zone.stored(log.name, source.namespace), (), typed)
    separate_repeats(batch, validated.reasons)
    outcomes = _outcomes_by_file(batch) if met else {}
    rejects = rejects_by_file(batch) if validated.reasons else {}
    events = f"select _n, occurred_at from {batch.TYPED}"
    landing = accepted_rows(batch, met=met, rejected=bool(validated.reasons), content=events)
    instants = first_and_last(connection, f"select content._n, content.occurred_at from {landing}", f"_n // {BETWEEN_FILES}")
    if typed is None:
        connection.execute(f"create temp table contents as from {batch.CONTENT}")

    def content(place: int, task: LandingTask) -> str:
        inside = f"_n >= {place * BETWEEN_FILES} and _n < {(place + 1) * BETWEEN_FILES}"
        if typed is None:
            return f"select * from contents where {inside}"
        looked_up = f"select * from {batch.KEYED} where {inside}"
        return keyed_content(
            batch, rotated=rotated, rows=typed(f"({parquet_rows([task.file], BETWEEN_FILES, place)})"), looked_up=looked_up
        )

    return batch, [
        FileEvents(
            task,
            rows=number,
            events=number,
            content=content(place, task),
            rejects=rejects.get(place, RejectCounts({})),
            outcomes=outcomes.get(place),
            number=place,
            instants=instants.get(place, (None, None)),
        )
        for place, (task, number) in enumerate(zip(tasks, rows, strict=True))
    ]


def _typed(batch: LandingBatch, validated: Validated) -> Callable[[str], str]:
    """Makes a query for typed events from one for mapped ones: for events that are read again for every question."""
    bounds = None if validated.all_right else local_time_bounds(batch)

    def typed(relation: str) -> str:
        if validated.all_right:
            return right_select(batch, relation)
        return typed_select(batch, nul=False, bounds=bounds, relation=relation, only_values=True)

    return typed


def _outcomes_by_file(batch: LandingBatch) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    counted = f"select _n // {BETWEEN_FILES}, outcome, count(*) from {batch.OUTCOMES} group by all"
    for file, outcome, number in batch.connection.execute(counted).fetchall():
        found.setdefault(int(file), {})[str(outcome)] = int(number)
    return found
