"""Rejected rows that were rejected before: a source that is asked gives the same row more than once.

Here: which rejected rows of a chunk stand in a quarantine file already, letter for letter. They count as duplicates, like rows
that have landed, and are not laid into quarantine again. Not here: rows that land (deduplication.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from promisekept.sources.extract.cursors import CursorRange, reaching
from promisekept.sources.landing.deduplication import accepted_rows
from promisekept.sources.landing.landing_batch import LandingBatch
from promisekept.sources.landing.rejects import rejects_select
from promisekept.sources.landing.run import Run
from promisekept.sources.landing.tasks import LandingTask
from promisekept.sources.sandbox import literal, scalar

_SAME = ("reason", "column_name", "event_id", "content")


@dataclass(frozen=True, slots=True)
class RejectCounts:
    """The rejected rows of a file: by reason those that are new, and how many were rejected before."""

    reasons: dict[str, int]
    again: int = 0

    @property
    def new(self) -> int:
        """How many go into quarantine."""
        return sum(self.reasons.values())

    def __bool__(self) -> bool:
        """Whether any row is rejected."""
        return bool(self.new or self.again)


def separate_repeats(batch: LandingBatch, reasons: Mapping[str, int]) -> RejectCounts:
    """Create `NEW_REJECTS`: where a source gives rows again, without those of an earlier quarantine file.

    Args:
        batch: with its rejects.
        reasons: their number by reason.
    """
    if not reasons:
        return RejectCounts({})
    run, task, connection = batch.run, batch.task, batch.connection
    bound = run.facts(task.source, "") | run.key.pads
    connection.execute(f"create temp table {batch.NEW_REJECTS} as {rejects_select(batch)}", bound)
    whole = sum(reasons.values())
    if task.cursor_range is not None and task.retries is None and (earlier := _earlier(run, task, task.cursor_range)):
        files = ", ".join(literal(str(path)) for path in earlier)
        same = " and ".join(f"rejects.{name} is not distinct from earlier.{name}" for name in _SAME)
        connection.execute(
            f"""delete from {batch.NEW_REJECTS} as rejects
            where exists (select 1 from read_parquet([{files}]) as earlier where {same})"""
        )
    found = connection.execute(f"select reason, count(*) from {batch.NEW_REJECTS} group by reason order by reason").fetchall()
    new = {str(reason): int(count) for reason, count in found}
    return RejectCounts(new, whole - sum(new.values()))


def _earlier(run: Run, task: LandingTask, cursor_range: CursorRange) -> list[Path]:
    """The quarantine files that may hold rows of a range and still are there."""
    counts = {one.batch_id for one in run.zone.active(task.source.log)} - {*task.supersedes, *task.waiting}
    reached = [one for one in reaching(run.zone, task.source, cursor_range) if one.batch_id in counts and one.rejects_file]
    return [place.path for one in reached if (place := run.zone.rejects_of(one)) is not None and place.path.exists()]


def rejects_by_file(batch: LandingBatch) -> dict[int, RejectCounts]:
    """The counts of `NEW_REJECTS` for each of several files that has any, by its place."""
    reasons: dict[int, dict[str, int]] = {}
    counted = f"select file, reason, count(*) from {batch.NEW_REJECTS} group by all order by all"
    for file, reason, rows in batch.connection.execute(counted).fetchall():
        reasons.setdefault(int(file), {})[str(reason)] = int(rows)
    return {file: RejectCounts(found) for file, found in reasons.items()}


def new_rejects_select(batch: LandingBatch, file: int = 0) -> str:
    """The rows of a quarantine file; binds $batch_id, which is given only once nothing else can go wrong."""
    return f"""select * exclude (file) replace ($batch_id as batch_id) from {batch.NEW_REJECTS} where file = {file}
    order by row_number, event_id"""


def nothing_new(batch: LandingBatch, rejects: RejectCounts, *, met: bool, same: bool | None) -> bool:
    """Whether all rows were there before; where a source has no cursor, rows that yield no event are recorded once.

    `same` is what a comparison with earlier deliveries found, null where there was none.
    """
    if same is not None:
        return same and not rejects.new
    connection, cursor_range = batch.connection, batch.task.cursor_range
    if rejects.new or scalar(connection, f"select count(*) from {accepted_rows(batch, met=met, rejected=bool(rejects))}"):
        return False
    no_cursor = cursor_range is not None and cursor_range.column is None
    return not no_cursor or bool(rejects.again or scalar(connection, f"select count(*) from {batch.MAPPED}"))
