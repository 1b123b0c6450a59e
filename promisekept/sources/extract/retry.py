"""Waiting for a source: how long for its next rows, and when to try again.

Here: an iterator whose every item is awaited for a limited time, and back-off with jitter between attempts. Not here: what is
asked, or whether asking again is safe; whoever raises `CutOffError` declares that it is.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

from promisekept.config.readers import Timeouts
from promisekept.errors import LandingError

Item = TypeVar("Item")
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
_LOOK_AGAIN = 0.2


class CutOffError(LandingError):
    """A read ended before it was through, and may be taken up again. `wait`: seconds that the source asked for."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Backoff:
    """How often a read is taken up again; forgotten as soon as something came of it."""

    def __init__(self, retries: int) -> None:
        self._retries = retries
        self._failed = 0

    def wait(self, error: CutOffError) -> None:
        """Wait before the next attempt.

        Raises:
            LandingError: the message of the error, where there have been enough attempts.
        """
        if self._failed >= self._retries:
            raise LandingError(str(error)) from None
        wait = min(FIRST_WAIT * 2**self._failed, LONGEST_WAIT) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load only
        self._failed += 1
        time.sleep(wait if error.wait is None else error.wait)

    def reset(self) -> None:
        """Something came: from now on there are as many attempts as in the beginning."""
        self._failed = 0


class Timed(Generic[Item]):
    """The items of a generator that runs in a thread of its own, one ahead of whoever takes them.

    A driver that hangs in the network can't be interrupted from outside, but it can be left behind: its thread ends with the
    process.
    """

    def __init__(self, make: Callable[[], Generator[Item]], timeouts: Timeouts, where: str) -> None:
        self._make, self._timeouts, self._where = make, timeouts, where
        self._queue: Queue[tuple[Item | None, BaseException | None]] = Queue(maxsize=1)
        self._left = threading.Event()

    def __iter__(self) -> Generator[Item]:
        """The items; closing the generator lets the thread end.

        Raises:
            CutOffError: the next item took longer than `read`.
            LandingError: all together took longer than `whole`.
        """
        threading.Thread(target=self._run, name=f"reading {self._where}", daemon=True).start()
        waited, limit = 0.0, self._timeouts.whole.total_seconds()
        wait_limit = (self._timeouts.connect + self._timeouts.read).total_seconds()
        try:
            while True:
                began = time.monotonic()
                item, error = self._next(min(wait_limit, limit - waited), whole=limit - waited < wait_limit)
                waited += time.monotonic() - began
                wait_limit = self._timeouts.read.total_seconds()
                if error is not None:
                    raise error
                if item is None:
                    return
                yield item
        finally:
            self._left.set()

    def _next(self, seconds: float, *, whole: bool) -> tuple[Item | None, BaseException | None]:
        try:
            return self._queue.get(timeout=max(seconds, 0.001))
        except Empty:
            if whole:
                raise LandingError(
                    f"{self._where}: it was not read within `timeouts.whole` ({self._timeouts.whole.total_seconds():g} s).\n"
                    "  What has landed stays, and the next run goes on from there. See what is slow, or allow more time."
                ) from None
            raise CutOffError(
                f"{self._where}: it gave no more rows within `timeouts.read` ({self._timeouts.read.total_seconds():g} s).\n"
                "  See whether the source is busy or the query lacks an index on the cursor; or allow more time."
            ) from None

    def _run(self) -> None:
        try:
            with closing(self._make()) as items:
                for item in items:
                    if not self._put(item, None):
                        return
            self._put(None, None)
        except BaseException as error:  # raised again where somebody waits
            self._put(None, error)

    def _put(self, item: Item | None, error: BaseException | None) -> bool:
        """Hand over; False where nobody waits any more."""
        while not self._left.is_set():
            try:
                self._queue.put((item, error), timeout=_LOOK_AGAIN)
            except Full:
                continue
            return True
        return False
