"""A second writer, Ctrl-C, a rejected candidate: the last good snapshot stays, nothing is lost, a rerun converges."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from command import ROOT, CommandResult, promisekept, promisekept_from_nothing
from world import World

from orchestration import pipeline
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


def start(folder: Path) -> subprocess.Popen[str]:
    """A run of its own, that hears Ctrl-C even where the tests were started in the background."""
    hear = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    arguments = ["run", "--config", str(folder), "--as-of", AS_OF.isoformat()]
    command = [sys.executable, "-c", f"{hear}; from promisekept.cli import main; main()", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)


def wait_for(what: Path, pattern: str, process: subprocess.Popen[str], seconds: float = 240) -> None:
    """Until a file appears: a run is at a known point then, however slow the machine is."""
    deadline = time.monotonic() + seconds
    while not list(what.glob(pattern)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, f"{what}/{pattern} never appeared"
        time.sleep(0.005)


def published(world: World) -> dict[str, str]:
    """What every mart says, but for those that tell when files landed: the clock differs from run to run."""
    with open_current(world.settings.home) as snapshot:
        return {name: mart["hash"] for name, mart in snapshot.manifest["tables"].items() if not name.startswith("audit_")}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What a run says when nothing happens to it."""
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
    """A run on a busy machine once went on to its end, and published, before it said that it had been interrupted."""
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


@pytest.mark.parametrize(
    ("place", "pattern"), [("landing", "ledger.jsonl"), (".", "warehouse.duckdb"), ("snapshots", ".candidate-*")]
)
def test_ctrl_c_ends_a_run_at_once_with_a_sentence_and_harms_nothing(tmp_path, undisturbed, place, pattern):
    world = populated(tmp_path)
    process = start(world.folder)
    wait_for(world.folder / ".promisekept" / place, pattern, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Interrupted" in err
    assert "Traceback" not in err
    assert not SnapshotStore(world.settings.home).list(), "it went on and published"
    result = promisekept("run", "--config", world.folder, "--as-of", AS_OF.isoformat())
    assert result.code == 0, result.err
    assert published(world) == published(undisturbed)


def test_a_rejected_candidate_leaves_the_last_good_snapshot_and_says_why(undisturbed):
    before = published(undisturbed)
    settings = undisturbed.settings
    later = AS_OF + timedelta(days=1)
    build = pipeline.prepare(settings, pipeline.fix_instants(settings, later, None), pipeline.read_pack(settings))
    pipeline.stage(build)
    pipeline.gate_sources(build)
    pipeline.transform(build)
    with duckdb.connect(str(build.outgoing)) as connection:
        connection.execute("delete from marts.fct_requests where request_id = 'r3'")
    candidate = pipeline.write(build)
    verdict = pipeline.audit(build, candidate)
    assert pipeline.publish(build, candidate, verdict, later) is None
    assert published(undisturbed) == before
    with open_current(settings.home) as snapshot:
        rejection = snapshot.current["refused"]
    assert rejection["failed"] >= 1
    assert {"suite": "fct_requests", "type": "expect_table_row_count_to_equal", "column": None} in rejection["checks"]
    assert "gate rejected the run" in promisekept("snapshots", "list", "--config", undisturbed.folder).out


@dataclass(frozen=True)
class Remembered:
    """A run that Dagster remembers, started by a process that ignores SIGTERM; whatever is started there inherits that."""

    folder: Path
    storage: Path
    result: CommandResult


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> Remembered:
    folder = tmp_path_factory.mktemp("remembered")
    populated(folder)
    storage = folder / "dagster"
    storage.mkdir()
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        result = promisekept_from_nothing("run", "--config", folder, env={"DAGSTER_HOME": str(storage)}, timeout=400)
    finally:
        signal.signal(signal.SIGTERM, before)
    return Remembered(folder, storage, result)


def test_a_run_leaves_no_process_behind_though_its_parent_ignores_sigterm(remembered):
    """The followers of its output inherited that, could not be ended and held the output open: the run never seemed to end."""
    assert remembered.result.code == 0, remembered.result.err
    follow = os.fsencode(remembered.storage)
    assert [one for one in Path("/proc").glob("[0-9]*/cmdline") if follow in _read(one)] == []


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # a process that ended meanwhile
        return b""
