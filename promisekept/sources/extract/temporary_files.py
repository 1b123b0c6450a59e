"""Where raw rows lie while they are landed: files without a name, below home/landing/.incoming.

Here: making one, and removing what could not be without a name. Raw identifiers lie in these files, so they lie below `home`,
are readable by their owner alone and have no name, where the system allows it: a killed process leaves none behind. Elsewhere
the next run removes them. Not here: what is written into one (object_store.py, chunk_files.py).
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from promisekept.errors import MachineError

FOLDER = ".incoming"
OPEN_FILES = Path("/proc/self/fd")
"""Where Linux names the files that a process has open, also those that have no name any more."""


@dataclass(frozen=True, slots=True)
class TemporaryFile:
    """A file without a name: it is gone when it is closed, and when the process is killed."""

    path: Path
    descriptor: int | None

    def close(self) -> None:
        """Nobody needs it any more."""
        if self.descriptor is not None:
            os.close(self.descriptor)
        else:
            self.path.unlink(missing_ok=True)


def remove_temporary_files(home: Path) -> None:
    """Remove what a killed run left; under the writer lock nobody needs it."""
    shutil.rmtree(home / "landing" / FOLDER, ignore_errors=True)


def new_temporary_file(place: Path) -> TemporaryFile:
    """An empty file that its owner alone can read, in a folder that nobody else can enter.

    Raises:
        MachineError: the disk is full or can't be written.
    """
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = place / f"{os.getpid()}-{os.urandom(8).hex()}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise unwritable(place, error.strerror) from error
    if OPEN_FILES.is_dir():
        path.unlink()
        return TemporaryFile(OPEN_FILES / str(descriptor), descriptor)
    os.close(descriptor)
    return TemporaryFile(path, None)


def unwritable(place: Path, why: str | None) -> MachineError:
    """The error where raw rows can't be written."""
    return MachineError(
        f"{place}: rows could not be laid down ({why}).\n"
        "  Free space or fix the permissions and run again; nothing of these rows was taken."
    )
