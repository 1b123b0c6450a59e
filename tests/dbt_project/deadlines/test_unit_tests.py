"""The rules that are written beside the models: dbt's own unit tests, run where they can be, inside a build."""

from __future__ import annotations

import pytest
from world import World

from orchestration import pipeline


@pytest.mark.slow
def test_every_rule_beside_a_model_holds(tmp_path):
    """Those of figures, findings and controls were run by nobody, and one could not even run any more."""
    world = World(tmp_path / "world")
    world.request("r1", received="2026-03-10")
    build = world.prepare("2026-05-01")
    pipeline.stage(build)
    pipeline.gate_sources(build)
    runner = world.runner(build)
    results = runner.build(exclude=pipeline.STAGING, full_refresh=True, unit_tests=True)
    ran = {result.name for result in results if result.resource_type == "unit_test"}
    nodes = runner.manifest().nodes
    written = {one.name for one in runner.manifest().unit_tests.values() if "staging" not in nodes[one.depends_on.nodes[0]].fqn}
    assert ran == written
    assert len(ran) > 80
