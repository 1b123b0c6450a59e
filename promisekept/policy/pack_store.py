"""Packs are landed like a log: each version once, under its hash, with a line in the ledger.

Here: keeping the pack of a run, and finding which of the changes since the first one reach into the past.
Not here: what such a change does to a figure. A pack that is kept can be read again by anybody who has the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from promisekept.durable import replace_durably
from promisekept.errors import PackError
from promisekept.policy.loading import Pack, document
from promisekept.policy.pack_changes import RegisterChange, compare_documents
from promisekept.sources.zone.ledger import Ledger, Line


def keep_pack(pack: Pack, home: Path, ledger: Ledger, now: datetime) -> None:
    """Keep a pack's content and record in the ledger from when on it is in force; nothing happens if it is the last one kept.

    Args:
        pack: of this run.
        home: below which `landing/packs/` lies.
        ledger: of that home; the caller holds the writer lock.
        now: when this version became known.

    Raises:
        OSError: the disk can't be written.
    """
    lines = list(ledger.lines("pack"))
    if lines and lines[-1].content_hash == pack.sha256:
        return
    file = f"packs/{pack.sha256[:32]}.json"
    (home / "landing" / "packs").mkdir(parents=True, exist_ok=True)
    replace_durably(home / "landing" / file, document(pack))
    own = pack.settings
    ledger.append("pack", {"file": file, "name": own.name, "version": own.version}, now, pack.sha256)


def attach_retroactive_changes(
    connection: duckdb.DuckDBPyConnection, home: Path, ledger: Ledger, known_seq: int, time_zone: str
) -> None:
    """Write `pack.retroactive_changes`: rows changed after the first pack landed that concern days already past.

    Args:
        connection: to the warehouse, after `attach_pack`.
        home: below which `landing/packs/` lies.
        ledger: of that home.
        known_seq: only packs kept until then.
        time_zone: the organisation's, in which a register's day begins.
    """
    zone = ZoneInfo(time_zone)
    rows = [
        (change.register, change.key, change.kind, list(change.columns), change.valid_from, line.at, line.content_hash)
        for line, change in _changes(home, list(ledger.lines("pack", until=known_seq)))
        if change.is_retroactive(line.at.astimezone(zone).date())
    ]
    connection.execute("delete from pack.retroactive_changes")
    if rows:
        connection.executemany("insert into pack.retroactive_changes values (?, ?, ?, ?, ?, ?, ?)", rows)


def _changes(home: Path, lines: list[Line]) -> Iterator[tuple[Line, RegisterChange]]:
    for earlier, later in pairwise(lines):
        for change in compare_documents(_document(home, earlier), _document(home, later)):
            yield later, change


def _document(home: Path, line: Line) -> bytes:
    file = home / "landing" / str(line.body["file"])
    try:
        return file.read_bytes()
    except OSError as error:
        raise PackError(
            f"{file}: a pack that the ledger names in line {line.seq} can't be read ({error.strerror}).\n"
            "  Bring it back from a backup; `promisekept fsck` lists everything that is missing."
        ) from None
