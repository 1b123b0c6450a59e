"""What a run shows of itself on standard error, at a terminal and in a scheduler's log."""

from __future__ import annotations

import re
import sys

import pytest

from promisekept.cli.console import Format, progress

HAPPENED = [
    ("transform", "1 of 2 · fct_requests"),
    ("transform", "2 of 2 · fct_metrics"),
    ("models", "fct_consents: rows that break one test"),
    ("models", "fct_records: rows that break another"),
    ("publish", "snapshot 0002-a1b2c3"),
    ("purge", "2 snapshots were purged"),
    ("purge", f"landed rows were purged: {'1 of requests, ' * 10}and no more"),
]


@pytest.fixture
def shown(capsys, monkeypatch):
    """What is shown of what happens."""

    def show(happened: list[tuple[str, str]] = HAPPENED, *, terminal: bool) -> str:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
        listen = progress(Format.text)
        for stage, what in happened:
            listen(stage, what)
        return re.sub(r"\x1b\[2K| *[0-9.]+ s  ", "", capsys.readouterr().err)

    return show


def test_a_log_has_the_first_line_of_each_stage_and_each_statement(shown):
    """Of two marts with rows that break a property, and of two kinds of data that were purged, the second went unseen."""
    expected = [line for line in HAPPENED if line != ("transform", "2 of 2 · fct_metrics")]
    assert shown(terminal=False).splitlines() == [f"{stage:<13}{what}" for stage, what in expected]


def test_a_terminal_rewrites_what_is_counted_and_leaves_each_statement_whole(shown):
    counted, *stated = shown(terminal=True).split("\n")
    assert counted.split("\r")[1:] == [f"{stage:<13}{what}" for stage, what in HAPPENED[:2]]
    assert stated == [f"{stage:<13}{what}" for stage, what in HAPPENED[2:]]


def test_a_terminal_shows_no_empty_line_before_the_first_stage(shown):
    assert "\n" not in shown([("models", "how the marts were computed")], terminal=True)
