"""A second writer and Ctrl-C: the last good snapshot stays, nothing is lost, a rerun converges."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from command import promisekept, promisekept_from_nothing, signal_at
from world import World

from promisekept.cli.interrupts import interruptible
from promisekept.publishing.lock import writer_lock
from promisekept.publishing.reader import open_current
from promisekept.publishing.store import SnapshotStore

pytestmark = pytest.mark.slow

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
PEOPLE = [f"person.{number}@example.org" for number in range(20)]
KEY = "cd" * 32


def populated(folder: Path) -> World:
    world = World(folder)
    (folder / "keys" / "pseudonym.key").write_text(KEY, encoding="ascii")
    for number, person in enumerate(PEOPLE):
        received = datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(days=number)
        request = world.request(f"r{number}", received=received, subject_ref=person, subject_ref_type="email")
        if number % 4:
            request.fulfilled(received + timedelta(days=10 * (number % 4)))
    world.deliver()
    return world


def published(world: World) -> dict[str, str]:
    """The content of every mart but those that record when files landed: the clock differs from run to run."""
    with open_current(world.settings.home) as snapshot:
        return {name: mart["hash"] for name, mart in snapshot.manifest["tables"].items() if not name.startswith("audit_")}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The output of a run that is not interrupted."""
    world = populated(tmp_path_factory.mktemp("undisturbed"))
    result = promisekept("run", "--config", world.folder, "--as-of", AS_OF.isoformat())
    assert result.code == 0, result.err
    return world


def test_a_second_writer_is_shown_who_holds_the_lock_and_gives_up(undisturbed):
    with writer_lock(undisturbed.settings.home, who="a long run"):
        result = promisekept("run", "--config", undisturbed.folder, "--wait", "0.2")
    assert result.code == 2
    assert "a long run" in result.err
    assert "Traceback" not in result.err


def test_ctrl_c_is_heard_though_the_system_woke_another_thread():
    """A run on a busy machine once went on to its end, and published, before it reported that it had been interrupted."""
    at_rest = threading.Event()

    def work() -> None:
        time.sleep(0.5)  # the main thread waits by then
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        at_rest.wait(10)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            interruptible(work)
        assert not at_rest.is_set()
        assert any(thread.name == "run" for thread in threading.enumerate()), "the work had ended before the signal was heard"
    finally:
        at_rest.set()
        signal.signal(signal.SIGINT, before)


def test_ctrl_c_ends_a_run_at_once_with_a_sentence_and_harms_nothing(tmp_path, undisturbed):
    """While it lands, while it builds and while it writes a candidate, one run after the other in the same home."""
    world = populated(tmp_path)
    arguments = ("run", "--config", world.folder, "--as-of", AS_OF.isoformat())
    for pattern in ("landing/ledger.jsonl", "warehouse.duckdb", "snapshots/.candidate-*"):
        at = partial(signal_at, signal.SIGINT, world.settings.home, pattern)
        result = promisekept(*arguments, prepare=at)
        assert result.code == 130, result.err
        assert "Interrupted" in result.err
        assert "Traceback" not in result.err
        assert not SnapshotStore(world.settings.home).list(), "it went on and published"
    result = promisekept(*arguments)
    assert result.code == 0, result.err
    assert published(world) == published(undisturbed)


def test_a_run_leaves_no_process_behind_though_its_parent_ignores_sigterm(undisturbed, tmp_path):
    """The followers of its output inherited that, could not be ended and held the output open: the run never seemed to end."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        result = promisekept_from_nothing(
            "run", "--config", undisturbed.folder, "--as-of", AS_OF.isoformat(), env={"DAGSTER_HOME": str(tmp_path)}
        )
    finally:
        signal.signal(signal.SIGTERM, before)
    assert result.code == 0, result.err
    follow = os.fsencode(tmp_path)
    assert list(tmp_path.rglob("*.err")), "its output was followed"
    assert [one for one in Path("/proc").glob("[0-9]*/cmdline") if follow in _read(one)] == []


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # a process that ended meanwhile
        return b""
