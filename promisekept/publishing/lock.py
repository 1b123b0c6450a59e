"""One writer at a time below one home.

Here: an OS `flock` on `home/.writer`. The kernel frees it when its holder dies, however it dies, so there is no stale
lock and nothing to clean up; the file's text only names who holds it. Not here: what is written.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from promisekept.errors import LockHeld

_POLL_SECONDS = 0.1


@contextmanager
def writer_lock(
    home: Path, wait_seconds: float = 0, who: str = "promisekept", report: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the right to write below `home`.

    Args:
        home: the folder of the pipeline; created where absent.
        wait_seconds: how long to wait for another writer before giving up.
        who: what this process is doing, in words that whoever waits for it will read.
        report: called once with a sentence when there is somebody to wait for.

    Raises:
        LockHeld: another process still writes after `wait_seconds`; the message names it.
    """
    home.mkdir(parents=True, exist_ok=True)
    path = home / ".writer"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(descriptor, path, wait_seconds, report)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "who": who}).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, wait_seconds: float, report: Callable[[str], None] | None) -> None:
    deadline = time.monotonic() + wait_seconds
    reported = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            holder = _holder(descriptor)
        if time.monotonic() >= deadline:
            raise LockHeld(
                f"{path}: {holder} is writing below {path.parent}; waited {wait_seconds:g} s.\n"
                "  Let it finish or end that process; the lock goes with it and needs no cleaning up."
            )
        if report and not reported:
            report(f"Waiting up to {wait_seconds:g} s for {holder}, which is writing below {path.parent}.")
            reported = True
        time.sleep(min(_POLL_SECONDS, max(deadline - time.monotonic(), 0)))


def _holder(descriptor: int) -> str:
    try:
        stated = json.loads(os.pread(descriptor, 4096, 0))
        return f"{stated['who']} (process {stated['pid']})"
    except (ValueError, KeyError, TypeError):
        return "another process"
