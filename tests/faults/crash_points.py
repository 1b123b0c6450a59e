"""Commands that die: one is run in a process of its own that kills itself with SIGKILL when it comes to a named point.

Here: the points, and running a command to one of them or to its end. Not here: what must hold afterwards. The product knows
nothing of it: the process replaces the function at the point, in itself alone.
"""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Sequence
from functools import partial, reduce
from pathlib import Path
from typing import Any

from forked import Command, end, start

SOURCES, PUBLISHING = "promisekept.sources", "promisekept.publishing"
CRASH_AT = {
    "hash": (f"{SOURCES}.landing.land:fingerprint", "after", 1),  # a delivered file is known, nothing is written
    "land": (f"{SOURCES}.zone.storage:sync_folder", "before", 1),  # its rows lie under their final name, and no line says so
    "log append, batch": (f"{SOURCES}.zone.ledger:Ledger._write", "half", 1),
    "load": ("orchestration.pipeline:_write_instants", "before", 1),  # some of the inputs are in the warehouse
    "models": ("orchestration.execution:_replace", "before", 60),
    "GX": ("expectations.worker:evaluate", "after", 2),  # the candidate was audited, and nobody was notified
    "checkpoint": (f"{PUBLISHING}.candidate:_checkpoint", "before", 1),
    "mart copy": (f"{PUBLISHING}.candidate:_proven", "before", 1),
    "rename": (f"{PUBLISHING}.store:sync_folder", "before", 1),
    "log append, snapshot": (f"{SOURCES}.zone.ledger:Ledger._write", "half", 1),  # it has its name, and half a line says so
    "pointer": (f"{PUBLISHING}.store:replace_durably", "before", 1),  # the ledger names it, CURRENT the one before
    "bundle": ("promisekept.evidence.export:_write_down", "before", 1),
    "log append, export": ("os:pwrite", "half", 1),
    "sign": ("promisekept.evidence.release:_seal", "before", 1),
}
"""Stage -> where it dies: a function, before or after it or with half of what it writes, and at which call."""


def die_at(point: str) -> None:
    """Arm this process."""
    place, when, number = CRASH_AT[point]
    module, _, path = place.partition(":")
    *outer, name = path.split(".")
    owner = reduce(getattr, outer, importlib.import_module(module))
    real, left = getattr(owner, name), number

    def armed(*given: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left:
            return real(*given, **named)
        if when == "after":
            real(*given, **named)
        if when == "half":
            real(*(part[: len(part) // 2] if isinstance(part, bytes) else part for part in given), **named)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")

    setattr(owner, name, armed)


def run(arguments: Sequence[str | Path], result: Path, *, point: str = "", seconds: float | None = None) -> int:
    """Run a command to its end, to a point, or for a while.

    Args:
        arguments: of the command line.
        result: receives its standard error.
        point: one of CRASH_AT.
        seconds: after which it is killed.

    Returns:
        How it ended: the exit code, or minus the signal that killed it.
    """
    words = [str(one) for one in arguments]
    prepare = partial(die_at, point) if point else None
    command = Command(words, Path.cwd(), os.environ.copy(), 0o022, Path(os.devnull), result, prepare)
    process = start(command)
    if seconds is not None:
        process.join(seconds)
        process.kill()
    code = end(process, 300)
    assert code is not None, "not done after five minutes"
    return code
