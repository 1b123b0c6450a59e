"""The rules that are written beside the models: dbt's own unit tests, run where they can be, inside a build."""

from __future__ import annotations

import model_builds
import pytest
from world import World

from orchestration import pipeline
from orchestration.dbt_runner import DbtRunner


@pytest.mark.slow
def test_every_rule_beside_a_model_holds(tmp_path):
    """Those of figures, findings and controls were run by nobody, and one could not even run any more."""
    world = World(tmp_path / "world")
    world.request("r1", received="2026-03-10")
    build = world.prepare("2026-05-01")
    pipeline.stage(build)
    pipeline.gate_sources(build)
    results = model_builds.by_dbt(tmp_path, build.warehouse, "--full-refresh", unit_tests=True)
    ran = {result.name for result in results if result.resource_type == "unit_test"}
    written = {one.name for one in DbtRunner(tmp_path, build.warehouse).manifest().unit_tests.values()}
    assert ran == written
    assert len(ran) > 80
