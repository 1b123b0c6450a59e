"""Standard output and standard error where they can't be written: a full disk, a reader that has gone, or no such stream.

Here: what becomes of such a write. A message or progress that nobody can read ends no work and changes no exit code; a result
that did not arrive is an error once the work is done. Not here: what is written (console.py).
"""

from __future__ import annotations

import io
import os
import select
import signal
import sys
from contextlib import suppress
from typing import TextIO

from promisekept.errors import SystemRefusedError

READER_GONE = 128 + signal.SIGPIPE
"""The exit code of a program that writes to a pipe which nobody reads any more, such as that of `... | head`."""


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


def require_result() -> None:
    """Write what is left of the result.

    Raises:
        SystemRefusedError: standard output did not take all of it.
        SystemExit: nobody reads it any more.
    """
    sys.stdout.flush()
    results = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(results, _Results) and results.lost is not None:
        raise SystemRefusedError(
            f"Standard output can't be written ({results.lost}), so that the result is not whole.\n"
            "  Free space where it goes, or let it go elsewhere, and ask again. What a run has published stays published."
        )


class _Patient(io.FileIO):
    """Waits for a reader that is slow, also where whoever shares a pipe or terminal made it one that does not wait."""

    def write(self, data: memoryview) -> int:  # type: ignore[override]  # what a buffer hands on
        while (written := super().write(data)) is None:
            select.select([], [self], [])
        return written


class _Results(_Patient):
    """Ends the program where nobody reads on; takes everything after what else can't be written, and keeps why in `lost`."""

    lost: str | None = None

    def write(self, data: memoryview) -> int:  # type: ignore[override]  # as above
        if self.lost is None:
            try:
                return super().write(data)
            except BrokenPipeError as error:
                self.lost = str(error.strerror)
                raise SystemExit(READER_GONE) from None
            except OSError as error:
                self.lost = str(error.strerror)
        return data.nbytes


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
