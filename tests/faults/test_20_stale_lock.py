"""Fault 20: stale lock after kill -9: the kernel frees it, the next command proceeds, the number in its file blocks nobody."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from aftermath import require_a_sentence
from command import ROOT, promisekept
from small_snapshots import publish
from world import World

pytestmark = pytest.mark.slow

HOLD = """
import sys, time
from pathlib import Path
from promisekept.publishing.lock import writer_lock
with writer_lock(Path(sys.argv[1]), who="a run that is going to be killed"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_the_lock_of_a_killed_process_is_free_though_its_file_still_names_the_process(tmp_path):
    world = World(tmp_path)
    home = world.settings.home
    publish(home)
    (home / "CURRENT").unlink()
    repair = ("fsck", "--repair", "--config", world.folder)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        waiting = promisekept("run", "--wait", "0.2", "--config", world.folder)
        require_a_sentence(waiting)
        assert (waiting.code, "a run that is going to be killed" in waiting.err) == (2, True), waiting
        holder.send_signal(signal.SIGKILL)
    assert f'"pid": {holder.pid}' in (home / ".writer").read_text(encoding="utf-8")
    result = promisekept(*repair)
    assert result.code == 0, result
    assert "Waiting" not in result.err
