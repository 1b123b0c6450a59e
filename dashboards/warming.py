"""What was asked of a snapshot is asked of the next one when it is published, so that no reader waits for the answers first.

Here: a thread that looks whether another snapshot is current. Not here: the questions (data/asked.py), or the cache that holds
their answers (data/query.py). A question about the day, the instant or the snapshot itself is put about those of the new one;
what it asks of anything else stays as it is.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Event, Thread
from zoneinfo import ZoneInfo

from dashboards.data.asked import questions, remember
from dashboards.data.request_filters import SnapshotDate
from dashboards.snapshots import Snapshot, resolve

EVERY = 2.0
"""Seconds between two looks."""
_log = logging.getLogger("promisekept.dashboards")


def ask_again(before: Snapshot, now: Snapshot) -> int:
    """Put the questions that were asked of one snapshot to another, of which they count as asked from then on; how many.

    So a third one is asked them too where nobody read the second.
    """
    changed: dict[Hashable, Hashable] = {
        before.ref: now.ref,
        SnapshotDate(before.as_of, before.zone): SnapshotDate(now.as_of, now.zone),
        before.as_of: now.as_of,
        _today(before): _today(now),
    }
    asked = questions(before.ref)
    for one in asked:
        arguments = tuple(changed.get(argument, argument) for argument in one.arguments)
        named = {name: changed.get(argument, argument) for name, argument in one.named}
        try:
            one.function(*arguments, **named)
        except Exception:  # whoever asks it sees that it failed
            _log.debug("a question of %s can't be put to %s", before.ref.id, now.ref.id, exc_info=True)
        else:
            remember(one.function, arguments, named)
    return len(asked)


def _today(snapshot: Snapshot) -> date:
    return snapshot.as_of.astimezone(ZoneInfo(snapshot.zone)).date()


@contextmanager
def watching(home: Path) -> Iterator[None]:
    """Look for another snapshot of a home from time to time, in a thread that ends with the process."""
    ended = Event()
    Thread(target=_watch, args=(home, ended), name="warming", daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _watch(home: Path, ended: Event) -> None:
    state: tuple[int, ...] | None = None
    shown: Snapshot | None = None
    while not ended.wait(EVERY):
        if (found := _state(home)) == state:
            continue
        state = found
        try:
            now = resolve(home, None)
        except Exception:  # each page reports what is wrong
            _log.debug("what is current can't be opened", exc_info=True)
            continue
        if shown is not None and now.ref != shown.ref:
            number = ask_again(shown, now)
            _log.info("%s is current: %d questions of the last snapshot were put to it", now.ref.id, number)
        shown = now


def _state(home: Path) -> tuple[int, ...] | None:
    """What distinguishes one CURRENT from another, of whatever home a link leads to."""
    try:
        found = (home / "CURRENT").stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_dev
