"""A room of its own for a bundle that is being made, beside where it will lie.

Here: making it, leaving it in the middle of work, and removing those that a killed export left. A room is locked by the process
that works in it, and the kernel frees the lock however that process ends: so one that nobody holds was left behind. Not here:
what is made in it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = ".partial-"
_ours: set[Path] = set()
_TRIES = 20


@contextlib.contextmanager
def room(place: Path) -> Iterator[Path]:
    """An empty folder below `place`, removed in any case; what other exports left there goes first.

    Args:
        place: a folder; its file system is that of the bundle, so that a finished one is only renamed.
    """
    sweep(place)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        held = _hold(folder)
        if held is not None:
            break
    _ours.add(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _ours.discard(folder)
        os.close(held)


def abandon() -> None:
    """Remove the rooms of this process, though a thread of it still works in them: it is about to end."""
    for _ in range(_TRIES):  # what is being written may come between
        for folder in list(_ours):
            shutil.rmtree(folder, ignore_errors=True)
        if not any(folder.exists() for folder in list(_ours)):
            return


def sweep(place: Path) -> list[str]:
    """Remove the rooms below a folder in which nobody works any more; returns their names."""
    removed = []
    for folder in sorted(place.glob(f"{PREFIX}*")):
        held = _hold(folder)
        if held is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)
            removed.append(folder.name)
    return removed


def _hold(folder: Path) -> int | None:
    """The folder's lock; None where another process has it, or where it is gone by the time that one has."""
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.is_dir():
            return held
    except OSError:
        pass
    os.close(held)
    return None
