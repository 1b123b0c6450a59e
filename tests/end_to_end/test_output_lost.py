"""Standard output and standard error on a full disk, without a reader, or closed: the work goes on, and exit codes stay true.

A run whose log lay on a full disk once ended at its first line of progress, with the exit code of a rejected candidate; and one
that had published was reported as not in place, since its result was what the disk did not take.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from command import ROOT, CommandResult, promisekept, signal_at
from world import World

from promisekept.cli.streams import READER_GONE
from promisekept.publishing.reader import read_current

pytestmark = pytest.mark.slow

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
OUT, ERR = 1, 2


def full(*numbers: int) -> None:
    device = os.open("/dev/full", os.O_WRONLY)
    for number in numbers:
        os.dup2(device, number)
    os.close(device)


def unread(*numbers: int) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    for number in numbers:
        os.dup2(writes, number)
    os.close(writes)


def closed(*numbers: int) -> None:
    """As `2>&-` has it in a shell: Python has no stream of this name either."""
    for number in numbers:
        os.close(number)
        setattr(sys, {0: "stdin", 1: "stdout", 2: "stderr"}[number], None)


def run(world: World, prepare: partial[None]) -> CommandResult:
    return promisekept("run", "--config", world.folder, "--as-of", AS_OF.isoformat(), prepare=prepare)


@pytest.mark.parametrize("lost", [full, unread, closed])
def test_a_run_publishes_though_nobody_reads_its_progress(desk, lost):
    result = run(desk, partial(lost, ERR))
    assert (result.code, result.out.splitlines()[-1]) == (0, f"Snapshot {published(desk)}"), result


@pytest.mark.parametrize("lost", [full, unread, closed])
def test_an_error_that_nobody_reads_has_its_exit_code(desk, lost):
    (desk.folder / "keys" / "pseudonym.key").unlink()
    assert run(desk, partial(lost, ERR)).code == 2
    assert promisekept("check", "--config", desk.folder, prepare=partial(lost, ERR)).code == 1


def test_a_result_that_the_disk_does_not_take_is_named_and_what_was_published_stays(desk):
    result = run(desk, partial(full, OUT))
    assert result.code == 2
    assert "Standard output can't be written (No space left on device)" in result.err
    assert "The disk is full" not in result.err
    assert f"snapshot {published(desk)}" in result.err
    assert promisekept("snapshots", "list", "--config", desk.folder, prepare=partial(full, OUT, ERR)).code == 2
    models = promisekept("dbt", "--config", desk.folder, "--", "ls", prepare=partial(full, OUT))  # written through a log
    assert (models.code, "Standard output can't be written" in models.err) == (2, True), models


def test_who_stops_reading_a_result_hears_of_no_verdict(desk):
    result = run(desk, partial(unread, OUT))
    assert (result.code, result.err.splitlines()[-1].split()[-1]) == (READER_GONE, published(desk)), result
    shown = promisekept("snapshots", "list", "--config", desk.folder, prepare=partial(unread, OUT))
    assert (shown.code, shown.err) == (READER_GONE, "")


def test_what_is_printed_without_streams_goes_into_no_file(desk):
    """The first file that a process opens gets the number of a stream that it lacks."""
    assert run(desk, partial(closed, 0, OUT, ERR)).code == 0
    assert promisekept("fsck", "--config", desk.folder).code == 0
    assert published(desk)


def test_a_run_that_is_interrupted_ends_as_such_though_nobody_reads_it(desk):
    result = run(desk, partial(interrupted, full, desk.settings.home))
    assert result.code == 130
    assert read_current(desk.settings.home) is None


def test_a_slow_reader_of_a_pipe_that_does_not_wait_gets_all():
    """Programs that start others leave them such pipes; Python ends with a BlockingIOError where one is full."""
    program = (
        "import os, sys; from promisekept.cli.streams import prepare_streams; prepare_streams()\n"
        "for each in (sys.stdout, sys.stderr): os.set_blocking(each.fileno(), False); print('x' * 1_000_000, file=each)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        with pytest.raises(subprocess.TimeoutExpired):  # it waits, since a pipe holds less
            process.wait(3)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, len(out), len(err)) == (0, 1_000_001, 1_000_001)


def interrupted(lost: Callable[..., None], home: Path) -> None:
    lost(OUT, ERR)
    signal_at(signal.SIGINT, home, "landing/requests/*.parquet")


def published(world: World) -> str:
    current = read_current(world.settings.home)
    assert current is not None
    return str(current["snapshot"])
