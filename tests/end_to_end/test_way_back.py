"""A finding leads to the landed row that made it so, and was first seen when the last of the rows that cause it had landed.

Here: lives of which the rows arrive on different days, among them rows of the past that arrive last. Not here: what is a
finding (../dbt_project/metrics/test_worklist.py).
"""

from __future__ import annotations

from typing import Any

import pytest
from shipped_promises import RECORD, SHARED, begun
from world import Report, World

SCHEDULE = "schedule_id,data_category,purpose_code,min_period,max_period,trigger\nS-1,contact,care,P1Y,P2Y,created\n"
FIRST, SECOND, THIRD = "2026-03-02T06:00:00+00:00", "2026-06-02T06:00:00+00:00", "2026-09-02T06:00:00+00:00"
ACT = {"subject_ref": "ann", "purpose_code": "care", "system": "crm", "data_categories": ["contact"]}
ACT |= {"automated_decision": False, "legal_basis": "contract"}


def event(life: str, name: str, event_type: str, day: str, **columns: Any) -> dict[str, Any]:
    """One row about a life, called after both."""
    row = {life: name, "event_type": event_type, "occurred_at": f"{day}T10:00:00Z", "event_id": f"{name}:{event_type}"}
    return row | columns


def record(name: str, event_type: str, day: str, **columns: Any) -> dict[str, Any]:
    return event("record_id", name, event_type, day, **(RECORD | {"subject_ref": "ann"} if event_type == "created" else columns))


def incident(event_type: str, day: str, **columns: Any) -> dict[str, Any]:
    return event("incident_id", "i", event_type, day, **columns)


def version(event_type: str, day: str, **columns: Any) -> dict[str, Any]:
    return event("policy_version", "2", event_type, day, **columns)


def deliveries_of(world: World) -> list[dict[str, list[dict[str, Any]]]]:
    """What each log delivers on the first day, the second and the third."""
    stopped = world.request("stop", right="objection", received="2026-01-10", subject_ref="ann")
    world.deliver()
    stopped.fulfilled("2026-01-20")
    late, world.events = world.events, []
    return [
        {
            "retention": [
                *(record(name, "created", "2023-01-02") for name in ("late", "back", "kept")),
                record("early", "created", "2026-02-02"),
                record("held", "created", "2025-01-02"), record("held", "deleted", "2026-02-10"),
            ],
            "incidents": [incident("detected", "2026-02-02", incident_type="disclosure", jurisdiction="IE")],
            "policies": [version("published", "2026-02-02", material=True, last_updated_shown="2026-01")],
            "disclosures": [SHARED | {"event_id": "shared", "occurred_at": "2026-02-10T08:00:00Z"}],
            "processing": [
                ACT | {"event_id": "done", "occurred_at": "2026-02-10T08:00:00Z"},
                ACT | {"event_id": "meanwhile", "occurred_at": "2026-01-12T08:00:00Z"},
            ],
        },
        {
            "retention": [
                record("late", "deleted", "2026-05-02"), record("early", "deleted", "2026-05-02"),
                record("back", "seen", "2026-05-02"),
            ],
            "incidents": [incident("authority_notified", "2026-05-02")],
            "policies": [version("effective", "2026-05-02")],
            "requests": late,
        },
        {
            "retention": [
                record("back", "deleted", "2025-01-01"),
                record("held", "hold_placed", "2026-01-10", hold_ref="H-1"),
            ],
        },
    ]  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    logs = ("retention", "incidents", "policies", "disclosures", "processing")
    world = begun(tmp_path_factory.mktemp("back"), *logs)
    (world.folder / "pack" / "retention_schedule.csv").write_text(SCHEDULE, encoding="utf-8")
    for day, deliveries in zip((FIRST, SECOND, THIRD), deliveries_of(world), strict=True):
        for log, rows in deliveries.items():
            world.deliver(rows, inbox=log)
        world.land(world.instant(day))
    return world.run(THIRD, only=("fct_findings",), now=world.instant(THIRD))


@pytest.mark.parametrize(
    ("code", "event_id", "first_seen_at"),
    [
        ("deleted_late", "late:deleted", SECOND), ("deleted_early", "early:deleted", SECOND),
        ("reappeared", "back:seen", THIRD), ("over_retained", "kept:created", FIRST),
        ("deleted_under_hold", "held:deleted", THIRD), ("authority_told_late", "i:authority_notified", SECOND),
        ("change_announced_late", "2:effective", SECOND), ("policy_date_mismatch", "2:published", FIRST),
        ("shared_after_stop", "shared", SECOND), ("processed_after_stop", "done", SECOND),
        ("processed_while_pending", "meanwhile", FIRST),
    ],
)  # fmt: skip
def test_a_finding_leads_to_the_row_that_made_it_so_and_was_seen_once_all_were_there(report, code, event_id, first_seen_at):
    (row,) = report.findings(code)
    assert row == {"event_id": event_id, "first_seen_at": first_seen_at}


def test_what_it_says_of_when_it_happened_is_that_of_the_row_it_leads_to(report):
    happened = {row["finding_code"]: row["occurred_at"] for row in report.table("fct_findings", "event_id like '2:%'")}
    assert happened == {
        "change_announced_late": "2026-05-02T10:00:00+00:00", "policy_date_mismatch": "2026-02-02T10:00:00+00:00",
    }  # fmt: skip
