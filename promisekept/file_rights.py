"""What this account may do with a file or a folder.

Here: asking the system, which raises nothing by itself where a folder is only passed over. Not here: what is done about it.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path


def may(path: str | Path, rights: int) -> bool:
    """Whether this account has all of these rights (`os.R_OK`, `os.W_OK`, `os.X_OK`), also where it borrowed them."""
    return os.access(path, rights, effective_ids=os.access in os.supports_effective_ids)


def forbidden(path: str | Path) -> PermissionError:
    """The error that the system would raise for a path."""
    return PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def require_readable(folder: Path) -> None:
    """Check that a folder can be read to its last file.

    Raises:
        PermissionError: names the first file or folder that can't.
    """

    def fail(error: OSError) -> None:
        if isinstance(error, PermissionError):
            raise error

    for path, _, names in os.walk(folder, onerror=fail):
        for place, rights in [(Path(path), os.R_OK | os.X_OK), *((Path(path, name), os.R_OK) for name in names)]:
            if not may(place, rights) and place.exists():  # in this order: a run may remove it meanwhile
                raise forbidden(place)
