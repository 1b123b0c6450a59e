"""Ctrl-C and SIGTERM, at once and without a trace of it.

Here: letting long work run beside the main thread, which alone hears signals, and leaving while it is still running. Inside
the orchestrator and the database an interrupt looks like a failed query, which is tried again. Leaving in the middle is
safe for the same reason for which kill -9 is: every file appears whole or not at all.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import NoReturn, TypeVar

INTERRUPTED = 130
ENDED = 143
SECONDS_BETWEEN_LOOKS = 0.2
Result = TypeVar("Result")


class RunEnded(KeyboardInterrupt):
    """SIGTERM: somebody else than the person at the terminal ends this process."""


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Let SIGTERM raise `RunEnded` inside the block, so that the last line can report how far the work came."""

    def end(*_: object) -> None:
        raise RunEnded

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def interruptible(work: Callable[[], Result]) -> Result:
    """Do `work` in a thread of its own and wait for it.

    Returns:
        What it returns.

    Raises:
        KeyboardInterrupt: on Ctrl-C; the work is still going on, so the caller must leave.
        Exception: whatever the work raises.
    """
    future: Future[Result] = Future()

    def body() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=body, name="run", daemon=True).start()
    # A system may hand the signal to any thread of a process, and only this one acts on it, once it is awake.
    while not future.done():
        wait([future], timeout=SECONDS_BETWEEN_LOOKS)
    return future.result()


def leave_at_once(message: str, code: int = INTERRUPTED) -> NoReturn:
    """Print why and end the process without waiting for anything that is still at work."""
    try:
        print(message, file=sys.stderr, flush=True)
        sys.stdout.flush()
    finally:  # also where the result can't be written
        os._exit(code)
