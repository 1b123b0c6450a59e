"""Fault 19: two runs at once: exactly one writes, the other names the holder and stops, and the marts are the reference's."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime

import pytest
from aftermath import claimed, published_marts, require_a_sentence, require_balance, require_sound
from all_logs import KEY
from command import ROOT, promisekept
from mart_hashes import published_hashes
from world import World

from promisekept.publishing.store import SnapshotStore

pytestmark = pytest.mark.slow
AS_OF = "2026-06-01T00:00:00+00:00"


def populated(folder) -> World:
    world = World(folder)
    (folder / "keys" / "pseudonym.key").write_text(KEY, encoding="ascii")
    for number in range(8):
        world.request(f"r{number}", received=f"2026-01-{number + 5:02d}").fulfilled(f"2026-02-{number + 2:02d}")
    world.deliver()
    return world


def test_of_two_runs_one_publishes_and_the_other_says_who_writes(tmp_path):
    alone, shared = populated(tmp_path / "alone"), populated(tmp_path / "shared")
    as_of = datetime.fromisoformat(AS_OF)
    reference = claimed(published_hashes(alone, as_of, as_of))
    arguments = ["run", "--config", str(shared.folder), "--as-of", AS_OF]
    command = [sys.executable, "-c", "from promisekept.cli import main; main()", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as first:
        holder = shared.settings.home / ".writer"
        deadline = time.monotonic() + 120
        while not (holder.exists() and holder.stat().st_size):
            assert first.poll() is None
            assert time.monotonic() < deadline, "the first run never took the lock"
            time.sleep(0.01)
        second = promisekept(*arguments, "--wait", "0.1")
        _, err = first.communicate(timeout=300)
    assert first.returncode == 0, err
    assert second.code != 0
    assert f"process {first.pid}" in second.err
    require_a_sentence(second)
    assert published_marts(shared.settings.home) == reference
    assert [snapshot.sequence for snapshot in SnapshotStore(shared.settings.home).list()] == [1]
    require_sound(shared.settings.home, allowed=())
    require_balance(shared.settings.home)
