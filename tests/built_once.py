"""What is built once for all rooms and workers of a run of the tests, and copied or read by whoever needs it.

Here: where that lies, and that one builds while the others wait. Not here: what is built (published_demo.py, model_builds.py).
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """A folder that the first who asks has filled; nobody writes into it afterwards.

    Workers that run side by side have one folder above their own temporary ones.

    Args:
        factory: of this worker.
        name: of the folder.
        build: fills a folder of that name that does not exist yet.
    """
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    original = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not original.exists():
            begun = factory.mktemp("begun") / name
            build(begun)
            begun.rename(original)
    return original
