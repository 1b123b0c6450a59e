"""The progress of a run, reported to whoever listens.

Here: the listeners of this process, set by the front door. Dagster keeps its own event log; this is for the person who
waits at a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock

from orchestration.execution import SIDE_BY_SIDE, NodeResult

Listener = Callable[[str, str], None]
PUBLISHING = Lock()
"""Held while a candidate becomes current: who ends the process takes it first, and can report whether that happened."""
_WAITED_FOR = 5.0
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
    """Report that `stage` has come to `what`; without a listener nothing happens."""
    for listener in _listeners:
        listener(stage, what)


class NodeProgress:
    """Reports each model and test of a stage when it is done, and how long the others should take.

    The estimate is what these took when they were last made in such a build, at the speed of this one. It is left out where
    one of them was never made in such a build, and below the seconds that nobody waits for.
    """

    def __init__(self, stage: str, last_seconds: Mapping[str, float | None]) -> None:
        """Begin a stage.

        Args:
            stage: its name.
            last_seconds: of each node by its unique id; None where it was never made in such a build.
        """
        self._stage = stage
        self._left = {name: seconds for name, seconds in last_seconds.items() if seconds is not None}
        self._is_known = bool(last_seconds) and len(self._left) == len(last_seconds)
        self._expected = self._taken = 0.0

    def __call__(self, result: NodeResult, index: int, total: int) -> None:
        """One more is done, the `index`-th of `total`."""
        self._expected += self._left.pop(result.unique_id, 0.0)
        self._taken += result.seconds
        report(self._stage, f"{index} of {total} · {result.name}{self._estimate()}")

    def underway(self, tasks: Mapping[str, tuple[int, int]], index: int, total: int) -> None:
        """Nothing ended for a while: the tasks of each node that runs, those that are done and all there are so far."""
        running = "; ".join(f"{name}, {done} of {count} tasks" for name, (done, count) in sorted(tasks.items()))
        report(self._stage, f"{index} of {total} done · running: {running}")

    def _estimate(self) -> str:
        if not self._is_known or not self._expected:
            return ""
        left = sum(self._left.values()) * self._taken / self._expected / SIDE_BY_SIDE
        if left < _WAITED_FOR:
            return ""
        return f" · about {left:.0f} s left" if left < 100 else f" · about {left / 60:.0f} min left"
