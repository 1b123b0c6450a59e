"""The engine in a process of its own returns what the engine returns, and never stays behind."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import ROOT
from small_snapshots import a_candidate

from expectations import engine, worker
from expectations.dialect import snapshot_url
from expectations.engine import SuiteTask
from expectations.loading import Expectation, GateError, Suite
from promisekept.publishing.content import SCHEMA

pytestmark = pytest.mark.slow


def tasks(tmp_path, expectation="expect_column_values_to_not_be_null"):
    of_request_key = Expectation(expectation, {"column": "request_key"}, "CTL")
    return [
        SuiteTask(Suite("fct_requests", "fct_requests", tmp_path / "fct_requests.yml", (of_request_key,)), SCHEMA, "fct_requests")
    ]


def test_it_says_what_the_engine_says(tmp_path):
    url = snapshot_url(a_candidate(tmp_path).file)
    assert worker.evaluate(url, tasks(tmp_path)) == engine.evaluate(url, tasks(tmp_path))


def test_what_goes_wrong_there_is_reported_here(tmp_path):
    with pytest.raises(GateError, match="could not be evaluated"):
        worker.evaluate("duckdb+buffered:////nowhere/at_all.duckdb", tasks(tmp_path))


def test_when_it_dies_over_a_question_that_one_fails_and_the_next_is_answered(tmp_path, monkeypatch):
    url = snapshot_url(a_candidate(tmp_path).file)
    dies = [sys.executable, "-c", "import sys; sys.stdin.buffer.read(1)"]
    monkeypatch.setattr(worker, "_started", [subprocess.Popen(dies, stdin=subprocess.PIPE, stdout=subprocess.PIPE)])
    with pytest.raises(GateError, match="ended before it answered"):
        worker.evaluate(url, tasks(tmp_path))
    assert worker.evaluate(url, tasks(tmp_path))[0].verdict == "passed"


def test_a_folder_of_that_name_where_one_stands_is_not_what_is_started(tmp_path, monkeypatch):
    url = snapshot_url(a_candidate(tmp_path).file)
    (tmp_path / "expectations").mkdir()
    (tmp_path / "expectations" / "__init__.py").write_text("raise SystemExit('the wrong one')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(worker, "_started", [])
    assert worker.evaluate(url, tasks(tmp_path))[0].verdict == "passed"


def test_it_ends_in_silence_when_whoever_asked_was_interrupted(tmp_path):
    """Ctrl-C in the publish gate showed a person eight lines of a broken pipe."""
    command = [sys.executable, "-m", "expectations"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        worker.write_message(process.stdin, (snapshot_url(a_candidate(tmp_path).file), tasks(tmp_path)))
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux has the state of a process in /proc")
def test_it_ends_when_whoever_began_it_is_killed():
    program = "import time; from expectations import worker; worker.start();"
    program += " print(worker._started[-1].pid, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        engine_process = int(process.stdout.readline())
        process.kill()
    deadline = time.monotonic() + 60
    while _is_running(engine_process):
        assert time.monotonic() < deadline, "it stayed behind"
        time.sleep(0.1)


def _is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # nobody may be there to bury an orphan
