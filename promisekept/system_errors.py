"""What the operating system refuses: a disk is full, rights forbid a file, or a limit of threads, files or memory is reached.

Here: recognising each in what any library raises, and what a person reads of it. Not here: files of a source that may not be
read, which are rejected one by one (sources/extract/files.py).
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator

import duckdb

from promisekept.errors import PromisekeptError, SystemRefusedError
from promisekept.paths import printable

DISK_FULL = (
    "The disk is full: what was begun is not in place, and readers still see the last good snapshot.\n"
    "  Free space and run again; the rerun finishes or undoes what was begun."
)
GRANT = "Give the account that runs this command the rights that it needs (`chmod`, `chown`, `setfacl`), then run it again."
_DENIED = "{path}: {why}. What was begun is not in place.\n  " + GRANT
_LIMIT = (
    "{what}: what was begun is not in place, and readers still see the last good snapshot.\n"
    "  Raise the limit of the account that runs this command ({how}), then run it again."
)
_NO_THREAD = _LIMIT.format(
    what="The system starts no more threads or processes",
    how="`ulimit -u` and `ulimit -v`, `TasksMax=` of a unit of systemd, the `pids` limit of a container",
)
_NO_FILE = _LIMIT.format(what="The system opens no more files", how="`ulimit -n`, `LimitNOFILE=` of a unit of systemd")
_NO_MEMORY = _LIMIT.format(
    what="The system gives no more memory", how="`ulimit -v`, `MemoryMax=` of a unit of systemd, the memory limit of a container"
)
OUT_OF_MEMORY = (
    "This takes more memory than DuckDB was given: nothing that was begun is in place, and the last good snapshot is current.\n"
    "  Raise `engine.memory_limit` (by default 80 % of the machine's memory), or free memory where it is, and run again."
)
_NO_SPACE = ("No space left on device", "Disk quota exceeded", "database or disk is full")
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_RIGHT_IN_WORDS = re.compile(r'"([^"\n]+)": (Permission denied|Operation not permitted|Read-only file system)')


def system_problem(error: BaseException | None) -> str | None:
    """The message for a person where an error, or what caused it, is something that the system refused; None otherwise.

    Where somebody has named what was refused, in an error of ours, that is the better message.
    """
    if is_disk_full(error):
        return DISK_FULL
    chain = list(causes(error))
    is_named = any(isinstance(one, PromisekeptError) for one in chain)
    return None if is_named else next(filter(None, (_denied(one) or _limited(one) for one in chain)), None)


def refusal(error: BaseException | None) -> str | None:
    """The message where an error that was met in reading something is no fault of it: the system refused to open or write.

    Only errors of input and output count. Others may quote a value that was delivered, or be the doing of what was delivered: a
    length that is wrong asks for any amount of memory.
    """
    return system_problem(error) if isinstance(error, OSError | duckdb.IOException) else None


def raise_if_refused(error: BaseException) -> None:
    """Raise what the system refused: a file that can't be opened today may be sound.

    Raises:
        SystemRefusedError: see `refusal`.
    """
    if (problem := refusal(error)) is not None:
        raise SystemRefusedError(problem) from error


def is_disk_full(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, is a disk that takes no more; databases report it in words only."""
    return any(
        (isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT)) or any(words in str(one) for words in _NO_SPACE)
        for one in causes(error)
    )


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what caused it, and so on: also what Python only names as its context."""
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


def _limited(error: BaseException) -> str | None:
    number, words = getattr(error, "errno", None), str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return OUT_OF_MEMORY
    # A terminal that takes nothing at the moment has the same number as a process that can't be started, and other words.
    no_process = number == errno.EAGAIN and os.strerror(errno.EAGAIN) in words
    if no_process or (isinstance(error, RuntimeError) and "can't start new thread" in words):
        return _NO_THREAD
    # The words come last: before them is the name of a file, which may be any.
    no_file = isinstance(error, duckdb.IOException) and words.partition("\n")[0].endswith(os.strerror(errno.EMFILE))
    if no_file or number in {errno.EMFILE, errno.ENFILE}:
        return _NO_FILE
    return _NO_MEMORY if isinstance(error, MemoryError) or number == errno.ENOMEM else None
