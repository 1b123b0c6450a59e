"""Standard output and standard error where they can't be written: a full disk, a reader that has gone, or no such stream.

Here: what becomes of such a write. A message or progress that nobody can read ends no work and changes no exit code; a result
that did not arrive is an error of its own, whatever the work came to. Not here: what is written (console.py).
"""

from __future__ import annotations

import io
import os
import select
import signal
import sys
from contextlib import suppress
from typing import TextIO

from promisekept.errors import PromisekeptError

READER_GONE = 128 + signal.SIGPIPE
"""The exit code of a program that writes to a pipe which nobody reads any more, such as that of `... | head`."""


class OutputError(PromisekeptError):
    """The disk or the terminal did not take a result."""


def prepare_streams() -> None:
    """Let standard output and standard error behave as above, and give this process those of the three that it lacks.

    Else the next file that is opened would get the number of a missing one, and whatever is printed would be written into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number that is free
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open as long as the process is
    sys.stdout = _replaced(sys.stdout, 1, _Results)
    sys.stderr = _replaced(sys.stderr, 2, _Messages)


class _Patient(io.FileIO):
    """Waits for a reader that is slow, also where whoever shares a pipe or terminal made it one that does not wait."""

    def write(self, data: memoryview) -> int:  # type: ignore[override]  # what a buffer hands on
        while (written := super().write(data)) is None:
            select.select([], [self], [])
        return written


class _Results(_Patient):
    """Raises once what can't be written, and takes the rest: Python writes it again when the program ends."""

    _is_lost = False

    def write(self, data: memoryview) -> int:  # type: ignore[override]  # as above
        if self._is_lost:
            return data.nbytes
        try:
            return super().write(data)
        except BrokenPipeError:
            self._is_lost = True
            raise SystemExit(READER_GONE) from None
        except OSError as error:
            self._is_lost = True
            raise OutputError(
                f"Standard output can't be written ({error.strerror}), so that the result is not whole.\n"
                "  Let it be written elsewhere, or make room there, and ask again. What a run has published stays published."
            ) from error


class _Messages(_Patient):
    """Takes everything, also what nobody reads."""

    def write(self, data: memoryview) -> int:  # type: ignore[override]  # as above
        with suppress(OSError):
            return super().write(data)
        return data.nbytes


def _replaced(stream: TextIO | None, number: int, kind: type[io.FileIO]) -> TextIO:
    """The same stream over another file; one that somebody has put in its place stays as it is."""
    if stream is not None and not _is_at(stream, number):
        return stream
    # A terminal may lack a character, and the name of a file may hold bytes that are none.
    return io.TextIOWrapper(
        io.BufferedWriter(kind(number, "w", closefd=False)),
        encoding=stream.encoding if stream else "utf-8",
        errors="backslashreplace",
        line_buffering=bool(stream.line_buffering) if stream else True,
    )


def _is_at(stream: TextIO, number: int) -> bool:
    try:
        return stream.fileno() == number
    except (OSError, ValueError):  # it is no file, or closed
        return False
