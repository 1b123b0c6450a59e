"""The rules that are written beside the models: dbt's own unit tests, run where they can be, inside a build."""

from __future__ import annotations

from warehouse import Warehouse


def test_every_rule_beside_a_model_holds(tmp_path):
    warehouse = Warehouse(tmp_path).prepare()
    warehouse.land([{"request_id": "r1", "event_type": "received", "occurred_at": "2026-03-10T10:00:00Z"}])
    warehouse.build("2026-05-01T00:00:00Z", unit_tests=True)
    rules = [result.name for result in warehouse.results if result.resource_type == "unit_test"]
    assert len(rules) >= 12, rules
