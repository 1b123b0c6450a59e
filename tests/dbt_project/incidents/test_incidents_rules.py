"""The rules of incidents that are written beside the models, and the few words that a reader would try first."""

from __future__ import annotations

from pathlib import Path

from warehouse import Warehouse


def build(folder: Path, rows: list[dict[str, object]], as_of: str, *, unit_tests: bool = False) -> Warehouse:
    (folder / "pack").mkdir()
    (folder / "pack" / "pack.yml").write_text(
        "name: test\nversion: '1'\neffective_from: 2018-01-01\nincident_hours: {EEA: 72}\n", encoding="utf-8"
    )
    warehouse = Warehouse(folder).prepare(folder / "pack")
    warehouse.land(rows, log="incidents")
    return warehouse.build(as_of, select=["+fct_incidents"], unit_tests=unit_tests)


def test_every_rule_beside_the_models_of_incidents_holds(tmp_path):
    warehouse = build(tmp_path, [], "2026-05-01T00:00:00Z", unit_tests=True)
    rules = [
        result.name for result in warehouse.results if result.resource_type == "unit_test" and "incident" in result.unique_id
    ]
    assert len(rules) == 4, rules


def test_an_incident_of_ireland_is_told_within_72_hours_of_its_detection_across_the_change_of_clocks(tmp_path):
    def told(incident_id: str, at: str) -> list[dict[str, object]]:
        rows = [("detected", "2026-03-27T10:00:00+00:00"), ("authority_notified", at)]
        return [
            {"incident_id": incident_id, "event_id": f"{incident_id}:{kind}", "event_type": kind, "occurred_at": instant}
            | {"jurisdiction": "IE", "incident_type": "disclosure"}
            for kind, instant in rows
        ]

    rows = [*told("in time", "2026-03-30T11:00:00+01:00"), *told("late", "2026-03-30T11:00:00.000001+01:00")]
    warehouse = build(tmp_path, rows, "2026-05-01T00:00:00Z")
    found = warehouse.rows("select incident_id, status, authority_due_at from outgoing.marts.fct_incidents order by all")
    due = "2026-03-30T10:00:00+00:00"
    assert found == [
        {"incident_id": "in time", "status": "on_time", "authority_due_at": due},
        {"incident_id": "late", "status": "late", "authority_due_at": due},
    ]
