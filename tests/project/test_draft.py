"""What `init --from FILE` drafts, and what it asks instead of guessing."""

from __future__ import annotations

from pathlib import Path

import pytest

from promisekept.project.draft import draft_requests_mapping


def drafted(folder: Path, *lines: str) -> str:
    """The mapping for a table of these lines."""
    file = folder / "tickets.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return draft_requests_mapping(file).mapping


HEADER = "Ticket ID,Opened,Closed,State"


@pytest.mark.parametrize("words", [("Granted", "Open"), ("Refused", "Refused"), ("Pending", "")])
def test_a_state_that_says_how_a_case_stands_is_no_place(tmp_path: Path, words: tuple[str, str]):
    """Every row was rejected because `Granted` is no place."""
    mapping = drafted(tmp_path, HEADER, f"1,2026-02-03,2026-02-04,{words[0]}", f"2,2026-02-05,2026-02-06,{words[1]}")
    assert "as jurisdiction" not in mapping
    assert f'What does the status "{words[0]}" mean in law?' in mapping


@pytest.mark.parametrize("words", [("CA", "TX"), ("California", "New York"), ("US-CA", "")])
def test_a_state_that_says_where_a_person_lives_is_one(tmp_path: Path, words: tuple[str, str]):
    mapping = drafted(tmp_path, HEADER, f"1,2026-02-03,2026-02-04,{words[0]}", f"2,2026-02-05,2026-02-06,{words[1]}")
    assert '"State" as jurisdiction' in mapping
    assert 'Is "State" jurisdiction?' in mapping


def test_a_state_beside_a_status_stays_a_place(tmp_path: Path):
    mapping = drafted(tmp_path, f"{HEADER},Outcome", "1,2026-02-03,2026-02-04,Open Range,Granted")
    assert '"State" as jurisdiction' in mapping


def test_without_a_column_for_the_outcome_the_draft_says_what_it_takes_a_closed_case_for(tmp_path: Path):
    """There was no question, and a table of denials would have been one of answers."""
    mapping = drafted(tmp_path, "Ticket ID,Opened,Closed", "1,2026-02-03,2026-02-04")
    assert (
        "-- ? Every case that was closed is taken as `fulfilled`. Which column, if any, records that one was denied?" in mapping
    )
    questions = drafted(tmp_path, "Ticket ID,Opened,Closed,Outcome", "1,2026-02-03,2026-02-04,Granted")
    assert "is taken as `fulfilled`" not in questions
