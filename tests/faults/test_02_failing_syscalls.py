"""Fault 2: syscall faults at every write/fsync/rename: each ends in a sentence, old or new is read, and one rerun converges.

Landing and publishing run under strace, which lets the n-th call of a kind fail as a broken or full disk would: the first, then
the second, until a run makes no such call any more. The marts have been built before.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from aftermath import LEFT_BY_A_KILL, require_balance, require_sound
from forked import Command, end, start
from small_snapshots import AT, a_provenance, a_verdict, built_marts, publish, publish_candidate
from source_project import Project, answered, received

from promisekept.config.loading import load_settings
from promisekept.errors import PromisekeptError
from promisekept.publishing.candidate import write_candidate
from promisekept.publishing.reader import open_current
from promisekept.sources.landing.land import land
from promisekept.sources.zone.ledger import Ledger

pytestmark = pytest.mark.slow
FACTS = "select event_id, event_type, occurred_at from landing.requests order by all"
CALLS = {"fsync": "EIO", "fdatasync": "EIO", "rename": "ENOSPC", "write": "ENOSPC", "pwrite64": "ENOSPC"}
MORE_THAN_ANY = 60


def land_and_publish(folder):
    """What the traced process does, from when it continues."""
    os.kill(os.getpid(), signal.SIGSTOP)
    settings = load_settings(folder)
    try:
        land(settings, Ledger.open(settings.home), datetime(2026, 7, 9, tzinfo=UTC))
        provenance = a_provenance(settings.home, code_version="0.1.0+8")
        candidate = write_candidate(settings.home / "outgoing.duckdb", settings.home / "snapshots", provenance)
        publish_candidate(settings.home, candidate, a_verdict(candidate), AT)
    except PromisekeptError as error:
        sys.exit(f"SENTENCE {error}")
    sys.exit(0)


def traced(folder, kind, error, number):
    """Land and publish with one failing call; the exit code and what was printed."""
    said = folder / "said"
    process = start(Command((), folder, os.environ.copy(), 0o022, Path(os.devnull), said, partial(land_and_publish, folder)))
    while Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2][0] != "T":
        time.sleep(0.001)
    options = ["-f", "-o", os.devnull, "-e", f"trace={kind}", "-e", f"inject={kind}:error={error}:when={number}"]
    with subprocess.Popen(["strace", *options, "-p", str(process.pid)], stderr=subprocess.PIPE, text=True) as tracer:
        attached = tracer.stderr.readline()
        os.kill(process.pid, signal.SIGCONT)
        code = end(process, 120)
        tracer.communicate()
    if "attached" not in attached:
        pytest.skip(f"tracing a process is not allowed here: {attached}")
    return code, said.read_text(encoding="utf-8")


def prepared(folder):
    """Two files to land, something published, and other marts to publish."""
    project = empty(folder)
    project.file("a.csv", [received(), answered(event_type="lost")])
    project.file("b.csv", [answered()])
    project.settings  # noqa: B018 - writes promisekept.yml
    publish(folder / "home", numerator=9)
    built_marts(folder / "home", numerator=8)
    return folder


def empty(folder):
    folder.mkdir()
    return Project(folder)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("template") / "project")


def copied(template, folder):
    project = empty(folder)
    shutil.copytree(template, folder, dirs_exist_ok=True)
    return project


@pytest.fixture(scope="module")
def reference(template, tmp_path_factory):
    project = copied(template, tmp_path_factory.mktemp("undisturbed") / "project")
    project.land()
    return project.query(FACTS)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("kind", CALLS)
def test_each_failing_call_ends_in_a_sentence_and_one_rerun_gives_what_there_should_be(tmp_path, template, reference, kind):
    for number in range(1, MORE_THAN_ANY):
        project = copied(template, tmp_path / f"project-{number}")
        code, said = traced(project.folder, kind, CALLS[kind], number)
        if code == 0:
            break
        home = project.settings.home
        assert "SENTENCE" in said, (number, said)
        assert "Traceback" not in said
        with open_current(home) as snapshot:
            assert snapshot.manifest["sequence"] in {1, 2}
        require_sound(home, allowed=(*LEFT_BY_A_KILL, "it names", "no line of the ledger"))
        project.land()
        assert project.query(FACTS) == reference
        assert publish(home, numerator=8).sequence == 2
        require_sound(home)
        require_balance(home)
    assert 1 < number < MORE_THAN_ANY - 1, "no call failed, or there was no end to them"
