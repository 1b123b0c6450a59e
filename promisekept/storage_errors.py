"""What keeps a file system from taking or giving what is asked of it: it is full, or its rights forbid it.

Here: recognising either in what any library raises, and what a person reads of it. Not here: files of a source that may not be
read, which are rejected one by one (sources/extract/files.py).
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator

from promisekept.errors import PromisekeptError
from promisekept.paths import printable

DISK_FULL = (
    "The disk is full: what was begun is not in place, and readers still see the last good snapshot.\n"
    "  Free space and run again; the rerun finishes or undoes what was begun."
)
GRANT = "Give the account that runs this command the rights that it needs (`chmod`, `chown`, `setfacl`), then run it again."
_DENIED = "{path}: {why}. What was begun is not in place.\n  " + GRANT
_NO_SPACE = ("No space left on device", "Disk quota exceeded", "database or disk is full")
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_RIGHT_IN_WORDS = re.compile(r'"([^"\n]+)": (Permission denied|Operation not permitted|Read-only file system)')


def storage_problem(error: BaseException | None) -> str | None:
    """The message for a person where an error, or what caused it, is a disk that is full or may not be used; None otherwise.

    Where somebody has named what may not be used, in an error of ours, that is the better message.
    """
    if is_disk_full(error):
        return DISK_FULL
    causes = list(_causes(error))
    is_named = any(isinstance(one, PromisekeptError) for one in causes)
    return None if is_named else next(filter(None, map(_denied, causes)), None)


def is_disk_full(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, is a disk that takes no more; databases report it in words only."""
    return any(
        (isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT)) or any(words in str(one) for words in _NO_SPACE)
        for one in _causes(error)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _denied(error: BaseException) -> str | None:
    if isinstance(error, OSError):  # without a path it is no file: a connection that a firewall forbids
        if error.errno in _NO_RIGHT and isinstance(error.filename, str):
            return _DENIED.format(path=printable(error.filename), why=error.strerror)
        return None
    found = _NO_RIGHT_IN_WORDS.search(str(error))
    return _DENIED.format(path=found[1], why=found[2]) if found else None
