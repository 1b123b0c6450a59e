"""The fictional organisation after one run, built once however many rooms and workers ask for it.

Here: the folder that everybody copies. Not here: a home that a test may change.
"""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

import pytest

from orchestration.run import run_job
from promisekept.demo import AS_OF, LANDED_AT, write_demo


def copy_published_demo(folder: Path, factory: pytest.TempPathFactory) -> Path:
    """Put the demo, published at its own instant, into a new folder.

    Workers that run side by side have one folder above their own temporary ones; the first that asks builds it there, and
    the others wait.
    """
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    original = shared / "larkfield"
    with (shared / "larkfield.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not original.exists():
            begun = Path(factory.mktemp("begun")) / "larkfield"
            write_demo(begun)
            run_job(begun / "promisekept.yml", as_of=AS_OF.isoformat(), now=LANDED_AT.isoformat())
            begun.rename(original)
    shutil.copytree(original, folder)
    return folder
