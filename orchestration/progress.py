"""The progress of a run, reported to whoever listens.

Here: the listeners of this process, set by the front door. Dagster keeps its own event log; this is for the person who
waits at a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

Listener = Callable[[str, str], None]
PUBLISHING = Lock()
"""Held while a candidate becomes current: who ends the process takes it first, and can say whether that happened."""
_listeners: list[Listener] = []  # not a context variable: the work reports from threads of its own


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Report to `listener(stage, what)` what happens inside the block."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def report(stage: str, what: str) -> None:
    """Say that `stage` has come to `what`; silent where nobody listens."""
    for listener in _listeners:
        listener(stage, what)


def node_progress(stage: str) -> Callable[[str, int, int], None]:
    """A listener for the models of a stage as they are made."""
    return lambda name, index, total: report(stage, f"{index} of {total} · {name}")
