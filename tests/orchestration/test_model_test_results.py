"""The gate relies on dbt for the keys of the marts: a mart whose key was not tested is not published."""

from __future__ import annotations

from dataclasses import replace

from orchestration.dbt_runner import DbtRunner
from orchestration.model_test_results import without_tested_key
from promisekept.publishing.verdict import ModelTest


def test_every_mart_has_a_key_and_is_named_where_no_test_of_it_passed(tmp_path):
    manifest = DbtRunner(tmp_path, tmp_path / "warehouse.duckdb").manifest()
    marts = {one.name for one in manifest.nodes.values() if one.resource_type == "model" and one.schema == "marts"}
    tests = [ModelTest(one.name, "pass", 0) for one in manifest.nodes.values() if one.resource_type == "test"]
    assert len(marts) >= 32
    assert without_tested_key(manifest, tests, marts) == ()
    failed = [replace(test, status="fail") if test.name == "unique_fct_requests_request_key" else test for test in tests]
    assert without_tested_key(manifest, failed, marts) == ("fct_requests",)
    assert without_tested_key(manifest, (), marts) == tuple(sorted(marts))
