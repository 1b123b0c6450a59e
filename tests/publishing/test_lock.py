"""One writer at a time; who waits reads for whom, and a dead holder holds nothing."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from promisekept.errors import LockHeld
from promisekept.publishing.lock import writer_lock

HOLDER = """
import sys, time
from pathlib import Path
from promisekept.publishing.lock import writer_lock
with writer_lock(Path(sys.argv[1]), who="the nightly run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_lock_can_be_taken_again_after_it_was_given_back(tmp_path):
    for _ in range(2):
        with writer_lock(tmp_path / "home"):
            pass


def test_who_waits_is_shown_who_holds_it_and_gives_up_after_a_while(tmp_path, holder):
    messages = []
    began = time.monotonic()
    with (
        pytest.raises(LockHeld, match=rf"the nightly run \(process {holder.pid}\).*waited 0.3 s"),
        writer_lock(tmp_path, wait_seconds=0.3, report=messages.append),
    ):
        pass
    assert 0.3 <= time.monotonic() - began < 5
    assert len(messages) == 1
    assert f"process {holder.pid}" in messages[0]


def test_two_threads_of_one_process_exclude_each_other_too(tmp_path):
    with writer_lock(tmp_path, who="one"), pytest.raises(LockHeld, match="one"), writer_lock(tmp_path, who="two"):
        pass
