"""The log of what was done about findings: what each act needs, and that nobody is named in it.

Here: rows of `remediations` from file to landing. Not here: what becomes of a group of findings (tests/dbt_project/remediations).
"""

from __future__ import annotations

import json

from promisekept.sources.contract import contract

PERSON = {"subject_ref": "dana@example.org", "subject_ref_type": "email", "role": "officer"}
ACTS = {
    "assigned": {"group_key": "g1", "owner": "Legal", "due_date": "2026-08-31"},
    "commented": {"group_key": "g1", "note": "Draft sent to the provider"},
    "accepted": {"group_key": "g1", "note": "Renewal is signed in August", "accepted_until": "2026-08-31"},
    "resolved": {"group_key": "g1", "note": "The export was stopped"},
    "reopened": {"group_key": "g1", "note": "It runs again"},
    "attested": {
        "control_id": "CTL-COOKIE",
        "result": "kept",
        "valid_until": "2026-12-31",
        "evidence_ref": "https://e.example/1",
    },
    "withdrawn": {"withdrawn_event_id": "accepted"},
}


def act(event_type, **changes):
    return (
        {"event_id": event_type, "occurred_at": "2026-07-01T10:00:00Z", "event_type": event_type}
        | PERSON
        | ACTS[event_type]
        | changes
    )


def test_every_act_lands_with_what_it_needs_and_without_any_of_it_is_rejected_by_the_columns_name(project):
    assert set(ACTS) == set(contract()["remediations"].column("event_type").codes)
    lacking = [(name, act(name, event_id=f"{name}-{column}", **{column: ""})) for name, own in ACTS.items() for column in own]
    needed = [column for own in ACTS.values() for column in own]
    project.source("office", log="remediations").file("a.csv", [*map(act, ACTS), *(row for _, row in lacking)])
    assert project.land_one().quarantined == {"missing_value": len(lacking)}
    assert [column for _, _, column, _ in project.rejects()] == needed
    landed = project.query("select event_type, due_date, accepted_until, valid_until, subject_key from landing.remediations")
    assert {row[0]: str(next((day for day in row[1:4] if day), None)) for row in landed} == {
        "assigned": "2026-08-31", "accepted": "2026-08-31", "attested": "2026-12-31",
    } | dict.fromkeys(("commented", "resolved", "reopened", "withdrawn"), "None")  # fmt: skip
    assert len({row[4] for row in landed}) == 1
    assert "dana" not in json.dumps(project.query("select * from landing.remediations"), default=str)


def test_a_text_that_is_too_long_or_names_a_person_and_what_is_no_date_are_rejected(project):
    wrong = {
        ("too_long", "note"): act("commented", note="x" * 501),
        ("too_long", "owner"): act("assigned", owner="y" * 101),
        ("personal_data_in_identifier", "note"): act("resolved", note="Ask jane@example.org, who stopped it"),
        ("personal_data_in_identifier", "role"): act("reopened", role="dana@example.org"),
        ("invalid_date", "due_date"): act("assigned", due_date="31/08/2026"),
        ("invalid_date", "accepted_until"): act("accepted", accepted_until="2026-02-30"),
        ("invalid_date", "valid_until"): act("attested", valid_until="9999-12-31"),
        ("missing_value", "subject_ref"): act("commented", subject_ref=""),
    }
    rows = [row | {"event_id": f"{reason}-{column}"} for (reason, column), row in wrong.items()]
    native = [act("commented", event_id="longest", note="x" * 500), act("assigned", due_date="1999-12-31", event_id="past")]
    project.source("office", log="remediations").file("a.csv", [*rows, *native])
    assert project.land_one().counts["landed"] == len(native)
    assert [(reason, column) for _, reason, column, _ in project.rejects()] == list(wrong)
    assert [value for _, reason, _, value in project.rejects() if reason != "invalid_date" and value] == []
