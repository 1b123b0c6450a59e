"""What a run is doing, told to whoever listens.

Here: one listener per process, set by the front door. Dagster keeps its own event log; this is for the person who
waits at a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, str], None]
_listener: ContextVar[Listener | None] = ContextVar("progress", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell `listener(stage, what)` what happens inside the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(stage: str, what: str) -> None:
    """Say that `stage` has come to `what`; silent where nobody listens."""
    listener = _listener.get()
    if listener:
        listener(stage, what)


def dbt_progress(stage: str) -> Callable[[str, int, int], None]:
    """A listener for dbt's nodes, in the words of this module."""
    return lambda name, index, total: tell(stage, f"{index} of {total} · {name}")
