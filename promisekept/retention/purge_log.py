"""The purge log: when our own retention purged what, how much, and by which rule, read from the ledger alone.

Here: reading the ledger lines of purges, for people. Not here: purging (snapshots.py, landed_rows.py, rejects.py), or what a
bundle states of it (evidence/metadata.py).
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
class Purge:
    """One purge.

    Attributes:
        at: when.
        what: `landed_rows`; `refused_rows`: the values of rejected rows; `snapshots`: the files of publications;
            `lost_snapshots`: those of publications that a person gave up after a loss.
        number: how many rows or snapshots.
        by_log: of landed rows, how many of each log.
        period: how long the rule keeps them, ISO 8601; null of snapshots, of which numbers are kept.
        before: what landed before this instant was purged; null of snapshots.
        kept_from: the day from which figures are whole since; null where it did not move them.
        lines: the first and the last of its ledger lines.
        is_counted: whether the figures of the snapshot in question still count the purged rows, because it was published
            before; null of everything else, of which no figure is computed.
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


def purges(home: Path, snapshot: str) -> tuple[Purge, ...]:
    """Every purge until today, the newest first; snapshots that were purged together are one purge.

    Args:
        home: the folder of the pipeline.
        snapshot: the id of the one whose figures are looked at.

    Raises:
        PublishingError: the ledger is damaged.
    """
    path = home / "landing" / NAME
    state = path.stat() if path.exists() else None
    try:
        found, published_at_line = _read(home, state and state.st_size, state and state.st_mtime_ns)
    except LedgerError as error:
        raise PublishingError(str(error)) from None
    line = published_at_line.get(snapshot, 0)
    return tuple(replace(one, is_counted=one.lines[0] > line) if one.what == "landed_rows" else one for one in found)


@lru_cache(maxsize=8)
def _read(home: Path, size: int | None, modified: int | None) -> tuple[tuple[Purge, ...], Mapping[str, int]]:
    """All purges, and the ledger line of each snapshot's first publication; read again when the ledger has changed."""
    del size, modified
    ledger = Ledger.open(home)
    found = [_rows(line) for line in ledger.lines() if line.kind in (RETIRED, CLEARED)]
    found += _snapshots(ledger)
    published_at_line: dict[str, int] = {}
    for line in ledger.lines():
        if line.kind in PUBLISHED:
            published_at_line[line.body["id"]] = published_at_line.get(line.body["restored"], line.seq)
    return tuple(sorted(found, key=lambda one: one.lines, reverse=True)), published_at_line


def _rows(line: Line) -> Purge:
    body, is_landed = line.body, line.kind == RETIRED
    by_log = tuple(sorted((log, int(number)) for log, number in body["rows"].items())) if is_landed else ()
    return Purge(
        at=line.at,
        what="landed_rows" if is_landed else "refused_rows",
        number=sum(number for _, number in by_log) if is_landed else sum(int(entry["rows"]) for entry in body["files"]),
        by_log=by_log,
        period=body["period"],
        before=datetime.fromisoformat(body["before"]),
        kept_from=date.fromisoformat(body["kept_from"]) if body.get("kept_from") else None,
        lines=(line.seq, line.seq),
    )


def _snapshots(ledger: Ledger) -> Iterator[Purge]:
    for (at, given_up), group in groupby(ledger.lines("retired"), lambda line: (line.at, "reason" in line.body)):
        lines = [line.seq for line in group]
        what: What = "lost_snapshots" if given_up else "snapshots"
        yield Purge(at, what, len(lines), (), None, None, None, (lines[0], lines[-1]))
