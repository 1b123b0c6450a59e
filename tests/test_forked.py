"""A command in a process of its own, whatever the process of the tests did before."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from command import promisekept
from forked import Command, end, start
from streamlit.testing.v1 import AppTest


def page(text: str) -> None:
    import streamlit

    streamlit.write(text)


def test_a_command_runs_after_a_page_was_drawn_with_arguments():
    """Streamlit left the page as the main module, which every new process began by running, and failed at its arguments."""
    assert not AppTest.from_function(page, args=("drawn",)).run().exception
    assert promisekept("--help").code == 0


def say_what_was_imported() -> None:
    sys.exit("warmed" not in sys.modules)


def test_a_command_finds_everything_imported(tmp_path: Path):
    """Without that each would import it for itself, in seconds."""
    command = Command((), tmp_path, os.environ.copy(), 0o022, tmp_path / "out", tmp_path / "err", say_what_was_imported)
    assert end(start(command), 300) == 0
