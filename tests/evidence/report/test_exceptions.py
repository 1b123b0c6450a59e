"""Exceptions in force and accepted findings stand in the report, and change nothing that it states of a promise."""

from __future__ import annotations

from pathlib import Path

import pytest
from printed import Page


def test_the_exceptions_of_the_period_stand_in_part_6_with_the_verdict_that_they_left(page: Page):
    """EX-009 ended before the quarter began; RET-2 and SHA-5 are missed on the scorecard, and so here."""
    table = page.table("Exceptions in force in the period")
    assert [row[0].split("\n") for row in table.rows] == [["EX-014", "RET-2"], ["EX-015", "SHA-5"]]
    scorecard = {row[0]: row[-1] for row in page.table("promises, their measures and verdicts").rows if len(row) > 1}
    for row in table.rows:
        word = scorecard[row[0].split("\n")[1]].split(" ", 1)[1]
        assert row[-1] == f"none: {word}" == "none: Missed"
    assert table.column("Ends")[0].replace("\u00a0", " ") == "30 Nov 2026"


def test_a_promise_shows_its_exception_among_its_limits(page: Page):
    assert "Exception EX-015 (telephony carrier): The agreement is being negotiated anew. Approved by: Chief Privacy" in page.text
    assert page.text.count("It explains and excuses nothing") == 2


def test_accepted_findings_stand_in_part_6_and_with_their_promise_and_leave_its_verdict(page: Page):
    table = page.table("Accepted findings")
    assert [(row[0], row[2], row[-1]) for row in table.rows] == [
        ("CON-1", "106", "none: Missed"),
        ("SHA-3", "182", "none: Kept (standard interpretation only)"),
    ]
    assert [cell.replace("\u00a0", " ") for cell in table.column("Until")] == ["30 Nov 2026", "28 Jul 2027"]
    assert "106 findings, A system did not confirm in time that it stopped (data_warehouse). Accepted by: Data" in page.text
    assert page.text.count("It excuses nothing: the verdict is what it would be without it.") == 2


@pytest.mark.parametrize("what", ["EX-014", "Data Protection Officer", "Data protection officer", "The release of November"])
def test_the_public_learns_of_no_exception(public: Path, what: str):
    assert what not in (public / "data/report.html").read_text(encoding="utf-8")
    assert not (public / "data/tables/dim_exceptions.csv").exists()
