"""The rules of incidents that are written beside the models, and the few words that a reader would try first."""

from __future__ import annotations

import shutil
from pathlib import Path

from warehouse import Warehouse

import promisekept.policy

STARTER = Path(promisekept.policy.__file__).parent / "starter_pack"


def build(
    folder: Path, rows: list[dict[str, object]], as_of: str, zone: str = "Europe/Dublin", *, unit_tests: bool = False
) -> Warehouse:
    (folder / "pack").mkdir()
    (folder / "pack" / "pack.yml").write_text("name: test\nversion: '1'\neffective_from: 2018-01-01\n", encoding="utf-8")
    shutil.copy(STARTER / "notification_rules.csv", folder / "pack")
    warehouse = Warehouse(folder, zone).prepare(folder / "pack")
    warehouse.land(rows, log="incidents")
    return warehouse.build(as_of, select=["+fct_incidents"], unit_tests=unit_tests)


def test_an_irish_incident_is_notified_within_72_hours_of_its_detection_across_the_change_of_clocks(tmp_path):
    def notified(incident_id: str, at: str) -> list[dict[str, object]]:
        rows = [("detected", "2026-03-27T10:00:00+00:00"), ("authority_notified", at)]
        return [
            {"incident_id": incident_id, "event_id": f"{incident_id}:{kind}", "event_type": kind, "occurred_at": instant}
            | {"jurisdiction": "IE", "incident_type": "disclosure"}
            for kind, instant in rows
        ]

    rows = [*notified("in time", "2026-03-30T11:00:00+01:00"), *notified("late", "2026-03-30T11:00:00.000001+01:00")]
    warehouse = build(tmp_path, rows, "2026-05-01T00:00:00Z")
    found = warehouse.rows("select incident_id, status, authority_due_at from outgoing.marts.fct_incidents order by all")
    due = "2026-03-30T10:00:00+00:00"
    assert found == [
        {"incident_id": "in time", "status": "on_time", "authority_due_at": due},
        {"incident_id": "late", "status": "late", "authority_due_at": due},
    ]


def test_washingtons_45_days_became_30_for_what_was_detected_since_and_a_change_of_clocks_takes_no_day(tmp_path):
    """30 days across a change of clocks were 721 hours and late, and 45 days that became 30 needed two invented places."""

    def notified(incident_id: str, detected: str, at: str) -> list[dict[str, object]]:
        return [
            {"incident_id": incident_id, "event_id": f"{incident_id}:{kind}", "event_type": kind, "occurred_at": instant}
            | {"jurisdiction": "US-WA", "incident_type": "disclosure", "affected_subjects": 501}
            for kind, instant in (("detected", detected), ("authority_notified", at), ("subjects_notified", at))
        ]

    rows = [
        *notified("of the old law", "2020-02-29T10:00:00-08:00", "2020-04-14T23:59:59-07:00"),
        *notified("of the new law", "2020-03-01T10:00:00-08:00", "2020-03-31T23:59:59-07:00"),
        *notified("late by the new law", "2020-03-01T10:00:00-08:00", "2020-04-01T00:00:00-07:00"),
        *notified("in autumn", "2025-10-10T09:00:00-07:00", "2025-11-09T09:00:00-08:00"),
    ]
    warehouse = build(tmp_path, rows, "2026-05-01T00:00:00Z", "America/Los_Angeles")
    found = warehouse.rows("select * from outgoing.marts.fct_incidents order by authority_due_at, incident_id")
    assert [(row["incident_id"], row["status"], row["persons_status"], row["authority_period_n"]) for row in found] == [
        ("late by the new law", "late", "late", 30),
        ("of the new law", "on_time", "on_time", 30),
        ("of the old law", "on_time", "on_time", 45),
        ("in autumn", "on_time", "on_time", 30),
    ]
    assert found[-1]["authority_due_at"] == "2025-11-10T07:59:59.999999+00:00"
    assert found[-1]["authority_hours"] == 721


def test_each_kind_of_shipped_rule_ends_on_the_day_that_its_statute_says(tmp_path):
    """Worked by hand, in New York, for what was detected on Thursday 2 July 2026 at 10:00; Friday 3 July is a federal holiday."""

    def incident(place: str, persons: int | None, at: str | None) -> list[dict[str, object]]:
        happened = [("detected", "2026-07-02T10:00:00-04:00"), *([("subjects_notified", at)] if at else [])]
        name = f"{place} {persons} {at}"
        return [
            {"incident_id": name, "event_id": f"{name}:{kind}", "event_type": kind, "occurred_at": instant}
            | {"jurisdiction": place, "incident_type": "disclosure", "affected_subjects": persons if kind == "detected" else None}
            for kind, instant in happened
        ]

    letters = "2026-07-10T10:00:00-04:00"
    rows = [
        *incident("US-AL", 1000, None),
        *incident("US-AL", 1001, None),
        *incident("US-DE", 500, letters),
        *incident("US-DE", 501, letters),
        *incident("US-DE", 501, None),
        *incident("US-MD", 1, letters),
        *incident("US-LA", 1, letters),
        *incident("US-OK", 499, letters),
        *incident("US-OK", 500, letters),
        *incident("US-OK", 500, None),
        *incident("US-VT", None, None),
        *incident("US-MA", 900, letters),
        *incident("CA-QC", 900, letters),
        *incident("DE", None, None),
    ]
    warehouse = build(tmp_path, rows, "2026-12-01T00:00:00Z", "America/New_York")
    found = warehouse.rows(
        "select incident_id, strftime(authority_due_at at time zone 'America/New_York', '%m-%d %H:%M') as authority,"
        " strftime(persons_due_at at time zone 'America/New_York', '%m-%d %H:%M') as persons from outgoing.marts.fct_incidents"
    )
    assert {row["incident_id"]: (row["authority"], row["persons"]) for row in found} == {
        "US-AL 1000 None": (None, "08-16 23:59"),
        "US-AL 1001 None": ("08-16 23:59", "08-16 23:59"),
        f"US-DE 500 {letters}": (None, "08-31 23:59"),
        f"US-DE 501 {letters}": ("07-10 23:59", "08-31 23:59"),
        "US-DE 501 None": ("08-31 23:59", "08-31 23:59"),
        f"US-MD 1 {letters}": ("07-10 10:00", "08-16 23:59"),
        f"US-LA 1 {letters}": ("07-20 23:59", "08-31 23:59"),
        f"US-OK 499 {letters}": (None, None),
        f"US-OK 500 {letters}": ("09-08 23:59", None),
        "US-OK 500 None": (None, None),
        "US-VT None None": ("07-23 23:59", "08-16 23:59"),
        f"US-MA 900 {letters}": (None, None),
        f"CA-QC 900 {letters}": (None, None),
        "DE None None": ("07-05 10:00", None),
    }
