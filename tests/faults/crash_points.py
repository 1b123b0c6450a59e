"""Commands that die: one is run in a process of its own that kills itself with SIGKILL when it comes to a named point.

Here: the points, and running a command to one of them or to its end. Not here: what must hold afterwards. The product knows
nothing of it: the process replaces the function at the point, in itself alone.

Processes are forked from one that has imported everything and parsed the models (warmed.py): what is tried is dying, not
starting.
"""

from __future__ import annotations

import importlib
import io
import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import reduce
from pathlib import Path
from typing import Any

SOURCES, PUBLISHING = "promisekept.sources", "promisekept.publishing"
CRASH_AT = {
    "hash": (f"{SOURCES}.landing.land:fingerprint", "after", 1),  # a delivered file is known, nothing is written
    "land": (f"{SOURCES}.zone.storage:_sync", "before", 1),  # its rows lie under their final name, and no line says so
    "log append, batch": (f"{SOURCES}.zone.ledger:Ledger._write", "half", 1),
    "load": ("orchestration.pipeline:_write_instants", "before", 1),  # some of the inputs are in the warehouse
    "dbt": ("dbt.adapters.duckdb.connections:DuckDBConnectionManager.execute", "before", 60),
    "GX": ("expectations.worker:evaluate", "after", 2),  # the candidate was judged, and nobody was notified
    "checkpoint": (f"{PUBLISHING}.candidate:_checkpoint", "before", 1),
    "mart copy": (f"{PUBLISHING}.candidate:_proven", "before", 1),
    "rename": (f"{PUBLISHING}.store:sync_folder", "before", 1),
    "log append, snapshot": (f"{SOURCES}.zone.ledger:Ledger._write", "half", 2),  # it has its name, and half a line says so
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


def _run(arguments: Sequence[str], point: str, said: str) -> None:
    from promisekept.cli import main

    os.setsid()
    sys.argv = ["promisekept", *arguments]
    if point:
        die_at(point)
    with Path(said).open("w", encoding="utf-8") as out, redirect_stdout(io.StringIO()), redirect_stderr(out):
        main()


def run(arguments: Sequence[str | Path], said: Path, *, point: str = "", seconds: float | None = None) -> int:
    """Run a command to its end, to a point, or for a while.

    Args:
        arguments: of the command line.
        said: gets what it says on standard error.
        point: one of CRASH_AT.
        seconds: after which it is killed.

    Returns:
        How it ended: the exit code, or minus the signal that killed it.
    """
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(["warmed"])
    process = forking.Process(target=_run, args=([str(one) for one in arguments], point, str(said)))
    process.start()
    process.join(300 if seconds is None else seconds)
    if process.is_alive():
        process.kill()
        process.join(10)
    with suppress(ProcessLookupError):  # the process of the gates, which ends by itself when nobody can ask it any more
        os.killpg(process.pid or 0, signal.SIGKILL)
    assert process.exitcode is not None
    return process.exitcode
