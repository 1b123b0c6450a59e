"""What our own retention let go of, told from the ledger alone: when, what, how much, and by which rule.

Here: reading the lines that each letting go leaves behind, for people. Not here: letting go (snapshots.py, landed_rows.py,
rejects.py), or what a bundle says of it (evidence/metadata.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Literal

from promisekept.errors import PublishingError
from promisekept.publishing.publications import PUBLISHED
from promisekept.sources.zone.batches import CLEARED, RETIRED
from promisekept.sources.zone.ledger import NAME, Ledger, LedgerError, Line

What = Literal["landed_rows", "refused_rows", "snapshots", "lost_snapshots"]


@dataclass(frozen=True, slots=True)
class LetGo:
    """One act of letting go.

    Attributes:
        at: when.
        what: `landed_rows`; `refused_rows`: the values that they held; `snapshots`: the files of publications; `lost_snapshots`:
            of some that a person gave up after a loss.
        number: how many rows or snapshots.
        by_log: of landed rows, how many of each log.
        period: how long the rule keeps them, ISO 8601; null of snapshots, of which numbers are kept.
        before: what landed before this instant fell out; null of snapshots.
        kept_from: the day from which figures are whole since; null where it did not move them.
        lines: the first and the last line of the ledger that say so.
        is_counted: whether the figures of the snapshot that was asked about still count landed rows that fell out, because it
            was made before; null of everything else, of which no figure is made.
    """

    at: datetime
    what: What
    number: int
    by_log: tuple[tuple[str, int], ...]
    period: str | None
    before: datetime | None
    kept_from: date | None
    lines: tuple[int, int]
    is_counted: bool | None = None


def let_go(home: Path, snapshot: str) -> tuple[LetGo, ...]:
    """Everything that was let go of until today, the newest first; snapshots that went together are told together.

    Args:
        home: the folder of the pipeline.
        snapshot: the id of the one whose figures are looked at.

    Raises:
        PublishingError: the ledger is damaged.
    """
    path = home / "landing" / NAME
    state = path.stat() if path.exists() else None
    try:
        acts, made = _told(home, state and state.st_size, state and state.st_mtime_ns)
    except LedgerError as error:
        raise PublishingError(str(error)) from None
    line = made.get(snapshot, 0)
    return tuple(replace(act, is_counted=act.lines[0] > line) if act.what == "landed_rows" else act for act in acts)


@lru_cache(maxsize=8)
def _told(home: Path, size: int | None, modified: int | None) -> tuple[tuple[LetGo, ...], Mapping[str, int]]:
    """All acts, and at which line of the ledger each snapshot's content was made; read again when the ledger is another one."""
    del size, modified
    ledger = Ledger.open(home)
    found = [_rows(line) for line in ledger.lines() if line.kind in (RETIRED, CLEARED)]
    found += _snapshots(ledger)
    made: dict[str, int] = {}
    for line in ledger.lines():
        if line.kind in PUBLISHED:
            made[line.body["id"]] = made.get(line.body["restored"], line.seq)
    return tuple(sorted(found, key=lambda one: one.lines, reverse=True)), made


def _rows(line: Line) -> LetGo:
    body, is_landed = line.body, line.kind == RETIRED
    by_log = tuple(sorted((log, int(number)) for log, number in body["rows"].items())) if is_landed else ()
    return LetGo(
        at=line.at,
        what="landed_rows" if is_landed else "refused_rows",
        number=sum(number for _, number in by_log) if is_landed else sum(int(entry["rows"]) for entry in body["files"]),
        by_log=by_log,
        period=body["period"],
        before=datetime.fromisoformat(body["before"]),
        kept_from=date.fromisoformat(body["kept_from"]) if body.get("kept_from") else None,
        lines=(line.seq, line.seq),
    )


def _snapshots(ledger: Ledger) -> Iterator[LetGo]:
    for (at, given_up), group in groupby(ledger.lines("retired"), lambda line: (line.at, "reason" in line.body)):
        lines = [line.seq for line in group]
        what: What = "lost_snapshots" if given_up else "snapshots"
        yield LetGo(at, what, len(lines), (), None, None, None, (lines[0], lines[-1]))
