"""The rules that are written beside the models of the reports, run where they can be: inside a build of everything."""

from __future__ import annotations

import pytest
from world import World

from orchestration import pipeline

REPORTS = ("path:models/marts/reports", "path:models/intermediate/reports", "path:tests/reports", "path:tests/evidence")


@pytest.mark.slow
def test_every_rule_beside_a_report_holds(tmp_path):
    world = World(tmp_path / "world")
    world.request("r1", received="2026-03-10").fulfilled("2026-04-01").reopened("2026-04-20")
    world.request("r2", jurisdiction="US-CA", right="erasure", received="2026-03-10").denied("2026-04-01", reason_code="exempt")
    build = world.prepare("2026-06-01")
    pipeline.stage(build)
    pipeline.gate_sources(build)
    pipeline.transform(build)
    results = world.runner(build).build(select=REPORTS, full_refresh=True, unit_tests=True)
    rules = [result.name for result in results if result.resource_type == "unit_test"]
    assert len(rules) >= 9, rules
