"""Every event of the demo keeps the contract, save the four that are meant to break it."""

from __future__ import annotations

from collections import Counter

import pytest


@pytest.fixture(scope="module")
def landed(settled):
    _, batches = settled
    return batches


def totals(landed, *sources):
    counts = Counter()
    for batch in landed:
        if not sources or batch.source in sources:
            counts.update(batch.counts)
    return counts


def test_no_file_is_held_back(landed):
    assert [batch.path for batch in landed if batch.held_back] == []


def test_rows_are_conserved_to_the_last(landed):
    found = totals(landed)
    assert found["source_rows"] == found["mapped"] + found["skipped"] + found["unmapped"] + found["held_back"]
    kept = found["landed"] + found["duplicate"] + found["superseding"] + found["conflicting"] + found["quarantined"]
    assert found["read"] == kept


def test_exactly_the_planted_rows_are_rejected(landed):
    reasons = Counter()
    for batch in landed:
        for reason, rows in batch.quarantined.items():
            reasons[batch.source, reason.split("|")[0]] += rows
    assert reasons == {
        ("incident_desk", "unknown_code"): 1,
        ("identity_links", "invalid_time"): 2,
        ("identity_links", "unknown_code"): 1,
    }


def test_the_drafts_of_the_old_ticket_system_are_skipped_and_counted(landed):
    found = totals(landed, "legacy_tickets")
    assert (found["skipped"], found["unmapped"]) == (5, 0)


def test_an_export_that_overlaps_the_last_one_adds_duplicates_only(landed, inbox):
    found = totals(landed, "helpdesk")
    twice = inbox.ask("select count(*) - count(distinct (event_id, revision, occurred_at)) from helpdesk")[0][0]
    assert found["duplicate"] == twice > 300


def test_corrections_supersede_and_contradictions_conflict(landed, inbox):
    found = totals(landed, "helpdesk", "privacy_portal")
    corrected = inbox.ask("select count(distinct event_id) from helpdesk where revision is not null")[0][0]
    corrected += inbox.count("privacy_portal", "revision is not null")
    assert found["superseding"] == corrected > 30
    assert 0 < found["conflicting"] < 10
