"""Whose batch comes next in the ledger, where files of several logs are landed side by side.

Here: numbers of ledger lines, handed out before a file is written (its batch is called after its line) and spent in their
order. Not here: which logs are landed side by side (landing/partitions.py) or what a line contains (landing/batch.py).
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition

from promisekept.sources.zone.ledger import Ledger, Line


class AbandonedError(Exception):
    """Another partition failed, so the line that comes before this one will never be written."""


class LedgerSequencer:
    """The lines that a ledger gets next."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._next = ledger.seq + 1
        self._failed = False
        self._moved = Condition()

    def reserve(self) -> int:
        """The number of a line that nobody else will write."""
        with self._moved:
            self._next += 1
            return self._next - 1

    def append(self, number: int, append: Callable[[], Line]) -> Line:
        """Append the line of that number, as soon as all before it are there.

        Raises:
            AbandonedError: one of those will never be.
        """
        with self._moved:
            self._moved.wait_for(lambda: self._failed or self.ledger.seq + 1 == number)
            if self._failed:
                raise AbandonedError
            line = append()
            self._moved.notify_all()
            return line

    def abandon(self) -> None:
        """Release a reserved number that will not be used: whoever waits for it must not wait."""
        with self._moved:
            self._failed = True
            self._moved.notify_all()
