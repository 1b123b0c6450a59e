"""The kinds of tests of the models: a broken property of data costs its controls their verdict, a broken invariant the run."""

from __future__ import annotations

import shutil
import sys
from functools import partial

import model_builds
import pytest
from all_logs import source
from world import World, help_desk

from expectations.loading import SUITES
from orchestration import dbt_runner, pipeline
from orchestration.run import run_job
from promisekept.cli.app import main
from promisekept.publishing.reader import open_current

ROW = "-- A row here is a request that no test may ever see.\nselect * from {{ ref('fct_requests') }} where request_id = "
WARNING = """
  - rule: nothing is bad
    where: request_id = 'bad'
    severity: warning
"""
REMEDY = "Correct the instants and ids of these requests at the source and deliver them again with a higher revision."
DAYS = tuple(f"2026-03-0{day}T06:00:00+00:00" for day in (1, 2, 3, 4))
CLAUSES = "clause_id,section,promise,source,assessed_by,limits\nC-1,1,We keep to the law,law,measured,\n"
CONTROLS = "control_id,clause_id,logs\nCTL-DEADLINE,C-1,requests\nCTL-NOTICE,C-1,collections\n"
TARGETS = (
    "control_id,metric_code,dimension,dimension_value,operator,target\n"
    "CTL-DEADLINE,deadline_adherence,all,all,>=,0.95\nCTL-NOTICE,notice_at_collection_rate,all,all,>=,0.95\n"
)
COLLECTION = {
    "event_id": "c1", "occurred_at": "2026-02-01T10:00:00Z", "subject_ref": "C-1", "subject_ref_type": "customer_id",
    "collection_type": "automatic", "data_categories": ["usage"], "purpose_code": "news", "notice_id": "n-1",
    "notice_shown_at": "2026-02-01T09:00:00Z", "policy_version": "v1",
}  # fmt: skip


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the models, to which a test of theirs can be added."""
    copy = shutil.copytree(dbt_runner.PROJECT, tmp_path / "dbt_project", ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(dbt_runner, "PROJECT", copy)
    return copy


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path / "world")
    for name, text in (("clauses", CLAUSES), ("controls", CONTROLS), ("control_metrics", TARGETS)):
        (world.folder / "pack" / f"{name}.csv").write_text(text, encoding="utf-8")
    world.configure(help_desk("helpdesk", "requests"), source("collections"))
    world.request("good", received="2026-01-05").fulfilled("2026-01-20")
    world.deliver([COLLECTION], inbox="collections")
    return world


def run(world: World, day: int, **options: str) -> None:
    world.deliver()
    assert run_job(world.folder, as_of=DAYS[day], now=DAYS[day], **options).published


def verdicts(world: World) -> dict[str, tuple[str, str | None]]:
    """Status and reason of each control to date."""
    with open_current(world.settings.home) as snapshot:
        rows = snapshot.cursor().execute(
            "select control_id, status, reason from marts.fct_control_results where period_grain = 'to_date' order by control_id"
        )
        return {control: (status, reason) for control, status, reason in rows.fetchall()}


def test_every_test_of_the_models_is_of_one_kind():
    """What warns has a remedy and speaks of a published mart; but for the balance of rows, which the source gate checks."""
    project = model_builds.project()
    tests = {one.name: one for one in project.tests.values()}
    properties_of_data = {name: one for name, one in tests.items() if one.warns}
    assert {name for name, one in tests.items() if one.remedy} == properties_of_data.keys() - {"assert_rows_are_conserved"}
    for name, one in properties_of_data.items():
        marts = [project.nodes[read].name for read in one.reads if read in project.built]
        assert [mart for mart in marts if mart.startswith(("fct_", "audit_"))], name
    assert len(tests) > 5 * len(properties_of_data) > 0


@pytest.fixture
def gate(tmp_path, monkeypatch):
    """The publish gate with copies of its suites, of which one looks at the same as the test that is added to the models."""
    copy = shutil.copytree(SUITES / "marts", tmp_path / "suites")
    with (copy / "fct_requests.yml").open("a", encoding="utf-8") as suite:
        suite.write(WARNING)
    monkeypatch.setattr(pipeline, "run_publish_gate", partial(pipeline.run_publish_gate, suites=copy))


@pytest.mark.slow
@pytest.mark.usefixtures("gate")
def test_a_broken_property_takes_its_controls_their_verdict_and_a_broken_invariant_ends_the_run(
    project, world, monkeypatch, capsys
):
    """A test of severity error on rows as they landed ended every run from then on, and no command fixed it."""
    (project / "tests" / "requests" / "assert_nothing_is_bad.sql").write_text(f"{ROW}'bad'\n", encoding="utf-8")
    (project / "tests" / "metrics" / "assert_nothing_is_worse.sql").write_text(f"{ROW}'worse'\n", encoding="utf-8")
    run(world, 0)
    assert verdicts(world) == {"CTL-DEADLINE": ("met", None), "CTL-NOTICE": ("met", None)}
    world.request("bad", received="2026-01-06").fulfilled("2026-01-21", recorded_at="2026-01-21")
    run(world, 1)
    broken = ("insufficient_evidence", f"fct_requests: 1 row breaks assert_nothing_is_bad. {REMEDY}")
    assert verdicts(world) == {"CTL-DEADLINE": broken, "CTL-NOTICE": ("met", None)}
    with open_current(world.settings.home) as snapshot:
        tests = {test["name"]: test for test in snapshot.quality["model_tests"]}
        (suite,) = [suite for suite in snapshot.quality["suites"] if suite["suite"] == "fct_requests"]
        assert [check["column"] for check in suite["checks"] if not check["passed"]] == ["nothing is bad"]
        assert tests["assert_nothing_is_bad"] == {
            "name": "assert_nothing_is_bad",
            "status": "warn",
            "failures": 1,
            "changed_only": False,
        }
    again = world.requests["bad"].events[0] | {"request_id": "fixed", "revision": 1}
    end = world.requests["bad"].events[1] | {"request_id": "fixed", "revision": 1}
    world.deliver([again, end])
    run(world, 2)
    assert verdicts(world) == {"CTL-DEADLINE": ("met", None), "CTL-NOTICE": ("met", None)}

    with open_current(world.settings.home) as snapshot:
        before = snapshot.manifest["content_hash"]
    world.request("worse", received="2026-01-06").fulfilled("2026-01-21", recorded_at="2026-01-21")
    world.deliver()
    monkeypatch.setattr(sys, "argv", ["promisekept", "run", "--config", str(world.folder)])
    with pytest.raises(SystemExit) as ended:
        main()
    stderr = capsys.readouterr().err
    assert (ended.value.code, "Traceback" in stderr) == (3, False), stderr
    assert "assert_nothing_is_worse: rows that break it: 1\n" in stderr, stderr
    assert "a defect of promisekept and not of your data" in stderr and "--known-at" in stderr, stderr
    with open_current(world.settings.home) as snapshot:
        assert snapshot.manifest["content_hash"] == before
    run(world, 3, known_at=DAYS[2])  # as the message says
    assert verdicts(world)["CTL-DEADLINE"][0] == "met"


def test_what_is_made_of_a_mart_is_affected_with_it():
    project = model_builds.project()
    affected = {one.rpartition(".")[2] for one in project.downstream({"model.promisekept.fct_requests"})}
    assert {"fct_requests", "fct_request_traces", "rpt_waterfall", "fct_metrics"} <= affected
    assert not {"fct_records", "fct_consents"} & affected
