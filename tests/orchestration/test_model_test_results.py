"""The gate relies on dbt for the keys of the marts: a mart whose key was not tested is not published."""

from __future__ import annotations

from dataclasses import replace

from orchestration.compiling import compiled_project
from orchestration.model_test_results import without_tested_key
from promisekept.publishing.verdict import ModelTest


def test_every_mart_has_a_key_and_is_named_where_no_test_of_it_passed(tmp_path):
    project = compiled_project()
    marts = {one.name for one in project.nodes.values() if one.is_mart}
    tests = [ModelTest(one.name, "pass", 0) for one in project.tests.values()]
    assert len(marts) >= 32
    assert without_tested_key(project, tests, marts) == ()
    failed = [replace(test, status="fail") if test.name == "unique_fct_requests_request_key" else test for test in tests]
    assert without_tested_key(project, failed, marts) == ("fct_requests",)
    assert without_tested_key(project, (), marts) == tuple(sorted(marts))
