"""A temporary folder for a bundle that is being made, beside where it will lie.

Here: creating it, abandoning it in the middle of work, and removing those that a killed export left. A workspace is locked by
its process, and the kernel frees the lock however that process ends: so an unlocked one was left behind. Not here: what is
written into it.
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
def workspace(place: Path) -> Iterator[Path]:
    """An empty folder below `place`, removed in any case; what other exports left there goes first.

    Args:
        place: a folder; its file system is that of the bundle, so that a finished one is only renamed.
    """
    sweep(place)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        descriptor = _lock(folder)
        if descriptor is not None:
            break
    _ours.add(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _ours.discard(folder)
        os.close(descriptor)


def abandon() -> None:
    """Remove the workspaces of this process, though a thread of it still works in them: it is about to end."""
    for _ in range(_TRIES):  # what is being written may come between
        for folder in list(_ours):
            shutil.rmtree(folder, ignore_errors=True)
        if not any(folder.exists() for folder in list(_ours)):
            return


def sweep(place: Path) -> list[str]:
    """Remove the workspaces below a folder that no process has locked; returns their names."""
    removed = []
    for folder in sorted(place.glob(f"{PREFIX}*")):
        descriptor = _lock(folder)
        if descriptor is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)
            removed.append(folder.name)
    return removed


def _lock(folder: Path) -> int | None:
    """The folder's lock; None where another process has it, or where it is gone by the time that one has."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.is_dir():
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None
