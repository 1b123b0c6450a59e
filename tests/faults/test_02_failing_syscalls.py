"""Fault 2: syscall faults at every write/fsync/rename: each ends in a sentence, old or new is read, and one rerun converges.

Landing and publishing run under strace, which lets the n-th call of a kind fail as a broken or full disk would: the first, then
the second, until a run makes no such call any more. The marts have been built before.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from aftermath import LEFT_BY_A_KILL, require_balance, require_sound
from small_snapshots import built_marts, publish
from source_project import Project, answered, received

from promisekept.publishing.reader import open_current

pytestmark = pytest.mark.slow
TESTS = Path(__file__).resolve().parents[1]
FACTS = "select event_id, event_type, occurred_at from landing.requests order by all"
RUN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from small_snapshots import AT, a_provenance, a_verdict, publish_candidate
from promisekept.errors import PromisekeptError
from promisekept.publishing.candidate import write_candidate
from promisekept.config.loading import load_settings
from promisekept.sources.landing.land import land
from promisekept.sources.zone.ledger import Ledger
settings = load_settings(Path(sys.argv[1]))
try:
    land(settings, Ledger.open(settings.home), datetime(2026, 7, 9, tzinfo=UTC))
    provenance = a_provenance(settings.home, code_version="0.1.0+8")
    candidate = write_candidate(settings.home / "outgoing.duckdb", settings.home / "snapshots", provenance)
    publish_candidate(settings.home, candidate, a_verdict(candidate), AT)
except PromisekeptError as error:
    sys.exit(f"SENTENCE {error}")
"""
CALLS = {"fsync": "EIO", "fdatasync": "EIO", "rename": "ENOSPC", "write": "ENOSPC", "pwrite64": "ENOSPC"}
MORE_THAN_ANY = 60


def traced(folder, kind, error, number):
    """Land and publish with one failing call; the exit code and what was printed."""
    inject = f"inject={kind}:error={error}:when={number}"
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={kind}", "-e", inject]
    done = subprocess.run(
        [*command, sys.executable, "-c", RUN, str(folder), str(TESTS)], capture_output=True, text=True, check=False
    )
    if "ptrace" in done.stderr.lower() and "SENTENCE" not in done.stderr:
        pytest.skip("tracing a process is not allowed here")
    return done


def prepared(folder):
    folder.mkdir()
    project = Project(folder)
    project.file("a.csv", [received(), answered(event_type="lost")])
    project.file("b.csv", [answered()])
    project.settings  # noqa: B018 - writes promisekept.yml
    publish(folder / "home", numerator=9)
    built_marts(folder / "home", numerator=8)
    return project


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    project = prepared(tmp_path_factory.mktemp("undisturbed") / "project")
    project.land()
    return project.query(FACTS)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("kind", CALLS)
def test_each_failing_call_ends_in_a_sentence_and_one_rerun_gives_what_there_should_be(tmp_path, reference, kind):
    for number in range(1, MORE_THAN_ANY):
        project = prepared(tmp_path / f"project-{number}")
        done = traced(project.folder, kind, CALLS[kind], number)
        if done.returncode == 0:
            break
        home = project.settings.home
        assert "SENTENCE" in done.stderr, (number, done.stderr)
        assert "Traceback" not in done.stderr
        with open_current(home) as snapshot:
            assert snapshot.manifest["sequence"] in {1, 2}
        require_sound(home, allowed=(*LEFT_BY_A_KILL, "it names", "no line of the ledger"))
        project.land()
        assert project.query(FACTS) == reference
        assert publish(home, numerator=8).sequence == 2
        require_sound(home)
        require_balance(home)
    assert 1 < number < MORE_THAN_ANY - 1, "no call failed, or there was no end to them"
