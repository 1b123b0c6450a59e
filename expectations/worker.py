"""The engine in a process of its own: importing Great Expectations takes seconds, which pass beside everything else.

Here: starting that process (`python -m expectations`), asking it, and what happens when it is gone. It hears no Ctrl-C and
ends by itself as soon as nobody can ask it any more. Without it benchmarks/builds.py shows three seconds of imports more in
its line "product, tiny inbox, every later run". Not here: evaluating (engine.py).
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from expectations.engine import SuiteTask
from expectations.loading import GateError
from promisekept.publishing.verdict import SuiteResult

_LOCK = threading.Lock()
_started: list[subprocess.Popen[bytes]] = []


def start() -> None:
    """Begin, so that the first question need not wait. Starting twice is starting once."""
    with _LOCK:
        _engine()


def evaluate(url: str, tasks: Sequence[SuiteTask]) -> list[SuiteResult]:
    """The results of `engine.evaluate`, from the other process.

    Raises:
        GateError: what the engine raises; or the process ended before it answered.
    """
    with _LOCK:
        engine = _engine()
        assert engine.stdin is not None  # noqa: S101 - both were asked for
        assert engine.stdout is not None  # noqa: S101
        try:
            write_message(engine.stdin, (url, list(tasks)))
            answer = read_message(engine.stdout)
        except (OSError, EOFError):
            _started.clear()
            engine.kill()
            engine.wait()
            raise GateError("The process of the gates ended before it answered; nothing was evaluated.\n  Run again.") from None
    if isinstance(answer, Exception):
        raise answer
    results: list[SuiteResult] = answer
    return results


def write_message(stream: IO[bytes], what: Any) -> None:
    """Send one value."""
    pickle.dump(what, stream)
    stream.flush()


def read_message(stream: IO[bytes]) -> Any:
    """Receive one value.

    Raises:
        EOFError: nobody is at the other end any more.
    """
    return pickle.load(stream)  # noqa: S301 - the other end is this program


def _engine() -> subprocess.Popen[bytes]:
    if not _started or _started[-1].poll() is not None:
        # This package and no folder of that name where somebody happens to stand.
        command = [sys.executable, "-P", "-m", "expectations"]
        path = os.pathsep.join(filter(None, [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")]))
        pipe = subprocess.PIPE
        _started[:] = [
            subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True, env=os.environ | {"PYTHONPATH": path})
        ]
    return _started[-1]
