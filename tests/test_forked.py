"""A command in a process of its own, whatever the process of the tests did before."""

from __future__ import annotations

from command import promisekept
from streamlit.testing.v1 import AppTest


def page(text: str) -> None:
    import streamlit

    streamlit.write(text)


def test_a_command_runs_after_a_page_was_drawn_with_arguments():
    """Streamlit left the page as the main module, which every new process began by running, and failed at its arguments."""
    assert not AppTest.from_function(page, args=("drawn",)).run().exception
    assert promisekept("--help").code == 0
