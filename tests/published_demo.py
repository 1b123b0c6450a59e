"""The fictional organisation as the command publishes it, built once however many rooms and workers ask for it.

Here: the folder that everybody copies. Not here: a home that a test may change.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from built_once import built_once

from orchestration.run import run_job
from promisekept.demo import AS_OF, EARLIER_AS_OF, LANDED_AT, write_demo


def copy_published_demo(folder: Path, factory: pytest.TempPathFactory) -> Path:
    """Put the demo, published as of a month before and at its own instant, into a new folder."""
    shutil.copytree(built_once(factory, "larkfield", _publish), folder)
    return folder


def _publish(folder: Path) -> None:
    write_demo(folder)
    run_job(folder / "promisekept.yml", as_of=EARLIER_AS_OF.isoformat(), now=LANDED_AT.isoformat())
    run_job(folder / "promisekept.yml", as_of=AS_OF.isoformat(), now=LANDED_AT.isoformat())
