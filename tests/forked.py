"""Commands in processes of their own that are forked from one that has imported everything and parsed the models (warmed.py).

Starting Python, importing the rooms and parsing the models takes ten seconds of a processor, and most tests of a command try the
command. Here: running one to its end, with its folder, environment and output. Not here: a start from nothing (command.py).
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import IO
from unittest import mock

LAST_WORDS = 30
"""Seconds that a process has to write where it stands."""


@dataclass(frozen=True)
class Command:
    """What a process is to do.

    Attributes:
        arguments: of the command line.
        cwd: where it stands.
        env: all of its environment.
        umask: of what it writes.
        out: gets its standard output.
        err: gets its standard error.
        prepare: what is done in the process before.
    """

    arguments: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    umask: int
    out: Path
    err: Path
    prepare: Callable[[], object] | None = None


def start(command: Command) -> BaseProcess:
    """Fork a process, which leads a group of its own, and let it begin."""
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(["warmed"])
    # The process from which all are forked gets no path from Python 3.11, and passes over modules that it does not find.
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = forking.Process(target=_run, args=(command,))
    # Streamlit leaves the page that a test drew in place of the main module, which a new process would begin by running.
    with mock.patch.dict(os.environ, environment), mock.patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        process.start()
    return process


def end(process: BaseProcess, seconds: float) -> int | None:
    """Wait; kill what has not ended by then, and what it has started.

    Returns:
        The exit code, or minus the signal that killed it; None where it had to be killed here.
    """
    process.join(seconds)
    late = process.is_alive()
    if late:
        os.kill(process.pid or 0, signal.SIGABRT)  # at which faulthandler writes the stack of every thread
        process.join(LAST_WORDS)
    with suppress(ProcessLookupError):  # the process of the gates, which ends by itself when nobody can ask it any more
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.join()
    return None if late else process.exitcode


def _run(command: Command) -> None:
    from promisekept.cli import main

    os.setsid()
    os.umask(command.umask)
    os.chdir(command.cwd)
    os.environ.clear()
    os.environ.update(command.env)
    for number, file in ((1, command.out), (2, command.err)):
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, number)
        os.close(opened)
    faulthandler.enable()
    _fork_gates()
    sys.argv = ["promisekept", *command.arguments]
    if command.prepare:
        command.prepare()
    main()


@dataclass
class _Gates:
    """The process of the gates as worker.py knows it, forked from one that has imported Great Expectations."""

    pid: int
    stdin: IO[bytes]
    stdout: IO[bytes]

    def poll(self) -> int | None:
        return os.waitpid(self.pid, os.WNOHANG)[0] or None

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> None:
        os.waitpid(self.pid, 0)


def _fork_gates() -> None:
    from expectations import __main__, worker

    asked, asking = os.pipe()
    answering, answered = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.dup2(asked, 0)
        os.dup2(answered, 1)
        for each in (asked, asking, answering, answered):
            os.close(each)
        sys.stdin = os.fdopen(0)
        __main__.main()
    os.close(asked)
    os.close(answered)
    worker._started[:] = [_Gates(pid, os.fdopen(asking, "wb"), os.fdopen(answering, "rb"))]
