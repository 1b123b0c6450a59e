"""The front door as a test opens it: arguments in, exit code, output and JSON out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import forked
import pytest

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class CommandResult:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def promisekept(
    *arguments: str | Path,
    cwd: Path | None = None,
    timeout: float = 300,
    env: Mapping[str, str] | None = None,
    prepare: Callable[[], object] | None = None,
) -> CommandResult:
    """Run the command in a process of its own that need not import anything; one that does not end prints its stack.

    Args:
        arguments: of the command line.
        cwd: where it stands.
        timeout: seconds until it is killed.
        env: of its environment, what is other than here.
        prepare: what is done in the process before; a function of a module, or a partial of one.
    """
    umask = os.umask(0)
    os.umask(umask)
    with tempfile.TemporaryDirectory() as place:
        out, err = Path(place) / "out", Path(place) / "err"
        words = [str(one) for one in arguments]
        command = forked.Command(words, cwd or ROOT, os.environ | dict(env or {}), umask, out, err, prepare)
        code = forked.end(forked.start(command), timeout)
        outputs = [file.read_text(encoding="utf-8") for file in (out, err)]
    if code is None:
        pytest.fail(f"{' '.join(words)}: not done after {timeout:g} s\n{outputs[1][-20_000:]}")
    return CommandResult(code, *outputs)


def signal_at(number: int, folder: Path, pattern: str) -> None:
    """Let this process get a signal as soon as there is such a file: it is at a known point then, however slow the machine is."""
    signal_when(number, lambda: any(folder.glob(pattern)))


def signal_when(number: int, is_time: Callable[[], bool]) -> None:
    """Let this process get a signal, which may be Ctrl-C also where the tests were started in the background."""

    def wait() -> None:
        while not is_time():
            time.sleep(0.002)
        os.kill(os.getpid(), number)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=wait, daemon=True).start()


def promisekept_from_nothing(
    *arguments: str | Path, cwd: Path | None = None, timeout: float = 300, env: Mapping[str, str] | None = None
) -> CommandResult:
    """Run the command as a user would, in a new process of Python; one that does not end prints its stack."""
    command = [sys.executable, "-X", "faulthandler", "-c", "from promisekept.cli import main; main()", *map(str, arguments)]
    pipe, given = subprocess.PIPE, os.environ | dict(env or {})
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=cwd or ROOT, env=given) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # at which faulthandler writes the stack of every thread
            pytest.fail(f"{' '.join(command)}: not done after {timeout:g} s\n{_last_words(process)[-20_000:]}")
    return CommandResult(process.returncode, out, err)


def _last_words(process: subprocess.Popen[str]) -> str:
    try:
        return process.communicate(timeout=forked.LAST_WORDS)[1]
    except subprocess.TimeoutExpired as waited:
        ended = "It has ended, but what it started holds its output open." if process.poll() is not None else "It goes on."
        process.kill()
        return f"{ended}\n{(waited.stderr or b'').decode(errors='replace')}"
