"""Publish a second snapshot and die before the n-th thing that touches the disk, for every n until none is left.

Run as a script: `kill_points.py TEMPLATE FOLDER`. Every attempt works on a copy of the template home, in a process of its
own; what they leave behind is in FOLDER/1, FOLDER/2 ... for the test to look at.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas  # noqa: F401 - PyArrow would import it in every attempt
from small_snapshots import a_candidate, a_verdict, publish, roll_back

from promisekept.publishing.store import SnapshotStore

TOUCHES = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.chmod", "os.truncate", "shutil.rmtree", "tempfile.mkdtemp"}


def die_at(number: int) -> None:
    left = number

    def count(*_):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event, arguments):
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if event in TOUCHES or writes:
            count()

    synced = os.fsync

    def fsync(descriptor):
        count()
        synced(descriptor)

    os.fsync = fsync
    sys.addaudithook(hook)


def attempt(home: Path, number: int, action: str) -> bool:
    child = os.fork()
    if child == 0:
        die_at(number)
        if action == "publish":
            publish(home, numerator=8)
        elif action == "reject":
            candidate = a_candidate(home, numerator=8)
            SnapshotStore(home).reject(a_verdict(candidate, passed=False), candidate.provenance.as_of)
        else:
            roll_back(home, action, candidate_time())
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        raise SystemExit(f"attempt {number} failed otherwise than by the kill")
    return not os.WIFSIGNALED(status)


def candidate_time():
    from small_snapshots import AT

    return AT


if __name__ == "__main__":
    template, folder, action = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    for number in range(1, 200):
        home = folder / f"{number:03d}"
        shutil.copytree(template, home)
        if attempt(home, number, action):
            break
