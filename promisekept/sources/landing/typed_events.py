"""Events with the types of the contract, their persons keyed, and which of them are rejected.

Here: the order in which the events of a batch are typed, validated and keyed, and when they are held in memory meanwhile. Not
here: what is right (validation.py, fast_validation.py), the keys (pseudonymisation.py) or what is kept of a reject (rejects.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from promisekept.sources.extract.files import RejectedFileError
from promisekept.sources.landing.fast_validation import FastChecks, fast_checks, right_select
from promisekept.sources.landing.landing_batch import LandingBatch
from promisekept.sources.landing.links import name_links
from promisekept.sources.landing.pseudonymisation import key_persons, keyed_content
from promisekept.sources.landing.rejects import create_rejects
from promisekept.sources.landing.validation import bounds_select, typed_select
from promisekept.sources.sandbox import scalar

_SMALL = 200_000
"""Rows that are held in memory while they are validated; Parquet files of more are read again for every question."""


@dataclass(frozen=True, slots=True)
class Validated:
    """What was found of the events.

    Attributes:
        reasons: how many rows are rejected, by reason.
        all_right: quick questions about all events have shown that none is wrong.
        held: `TYPED` holds the events in memory; otherwise their files are read again for every question.
    """

    reasons: dict[str, int]
    all_right: bool
    held: bool


def validate(batch: LandingBatch, *, several: bool = False) -> Validated:
    """Create `TYPED`, `PERSONS`, `REJECTED` and `CONTENT`.

    Args:
        batch: the events as they came.
        several: they are those of several files.

    Raises:
        RejectedFileError: a time without an offset, and the source has no time zone in which to read it.
    """
    connection, table, events = batch.connection, batch.table, batch.events
    lazy = table.lazy and not events.ran and table.rows > _SMALL
    checks = fast_checks(batch) if lazy else None
    all_right = checks is not None and _all_pass(batch, checks)
    doubtful = batch.TYPED
    if all_right:
        connection.execute(f"create temp view {batch.TYPED} as {right_select(batch, batch.MAPPED)}")
        doubtful = f"(select _n, _row, null::varchar as problem from {batch.TYPED} where false)"
    else:
        bounds = local_time_bounds(batch) if several or table.rows <= _SMALL else None
        nul = batch.task.found.nul or table.lazy
        select = typed_select(batch, nul=nul, bounds=bounds)
        connection.execute(f"create temp {'view' if lazy else 'table'} {batch.TYPED} as {select}")
        if checks is not None:
            connection.execute(f"create temp view unsure as select * from {batch.MAPPED} where {checks.unsure}")
            doubtful = f"({typed_select(batch, nul=nul, bounds=bounds, relation='unsure')})"
    key_persons(batch, remember=several)
    if batch.source.linking is not None:
        name_links(batch)
    reasons = create_rejects(batch, doubtful)
    if "no_time_zone" in reasons:
        message = f"It holds times without an offset, and sources.{batch.source.name} declares no `time_zone`. Declare it."
        raise RejectedFileError("no_time_zone", message, table.header, table.rows)
    content = keyed_content(batch, rotated=bool(batch.run.keyring.earlier))
    connection.execute(f"create temp view {batch.CONTENT} as {content}")
    whole = (("malformed_row", table.broken), ("mapping_failed", len(events.failed)))
    return Validated(reasons | {name: rows for name, rows in whole if rows}, all_right, held=not lazy)


def _all_pass(batch: LandingBatch, checks: FastChecks) -> bool:
    counted = f"select count(*) from {batch.MAPPED}"
    if scalar(batch.connection, f"{counted} where {checks.right}") != batch.table.rows:
        return False
    doubts = " or ".join(f"({doubt})" for doubt in checks.doubts)
    return not doubts or not scalar(batch.connection, f"{counted} where {doubts}")


def local_time_bounds(batch: LandingBatch) -> tuple[int, int] | None:
    """The local times that occur, by which most rules of two centuries can be left out; None where there are none."""
    query = bounds_select(batch)
    if query is None:
        return None
    first, last = batch.connection.execute(query).fetchall()[0]
    return (0, 0) if first is None else (int(first), int(last))
