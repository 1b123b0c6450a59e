"""What Dagster gets: lineage from a log to the snapshot, gates as checks, a schedule and a sensor that name instants."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from world import World

from orchestration.compiling import compiled_project
from orchestration.definitions import JOB, build_definitions
from orchestration.defs.resources import LAST_STEPS
from promisekept.config.source import LOGS


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("dagster"))


@pytest.fixture(scope="module")
def definitions(world):
    return build_definitions(world.folder / "promisekept.yml")


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.get_repository_def().asset_graph


def ancestors(graph, key: dg.AssetKey) -> set[dg.AssetKey]:
    found, waiting = set(), [key]
    while waiting:
        for parent in graph.get(waiting.pop()).parent_keys - found:
            found.add(parent)
            waiting.append(parent)
    return found


def test_the_snapshot_descends_from_every_log_and_the_pack(graph):
    above = ancestors(graph, dg.AssetKey("published_snapshot"))
    for key in ([["landing", log] for log in LOGS], [["pack", "regimes"], ["run", "run_instants"]]):
        assert {dg.AssetKey(path) for path in key} <= above


def test_an_intermediate_model_is_no_asset_and_lineage_runs_through_it(world, graph):
    keys = graph.get_all_asset_keys()
    assert not {key for key in keys if key.path[0] == "intermediate"}
    project = compiled_project()
    marts = [node for node in project.nodes.values() if node.is_mart]
    for node in marts:
        read, waiting = set(), [node]
        while waiting:
            for name in waiting.pop().reads:
                parent = project.nodes.get(name)
                if parent is not None and parent.schema == "intermediate":
                    waiting.append(parent)
                else:
                    read.add(dg.AssetKey([parent.schema, parent.name] if parent else name.split(".")[-2:]))
        assert graph.get(dg.AssetKey(["marts", node.name])).parent_keys == read, node.name
    assert {dg.AssetKey(["marts", node.name]) for node in marts} <= keys


def test_metrics_wait_for_the_source_gate(graph):
    assert dg.AssetKey(["run", "source_verdicts"]) in ancestors(graph, dg.AssetKey(["marts", "fct_metrics"]))


def test_nothing_is_published_before_its_verdict(graph):
    assert graph.get(dg.AssetKey("published_snapshot")).parent_keys == {dg.AssetKey("publish_verdict"), dg.AssetKey("candidate")}
    assert graph.get(dg.AssetKey("publish_verdict")).parent_keys == {dg.AssetKey("candidate")}


def test_every_mart_shows_the_publish_gate_and_every_log_the_source_gate(graph):
    checks = {(key.asset_key, key.name) for key in graph.asset_check_keys}
    marts = {key for key in graph.get_all_asset_keys() if key.path[0] == "marts"}
    assert marts
    assert {(key, "publish_gate") for key in marts} <= checks
    assert {(dg.AssetKey(["landing", log]), "source_gate") for log in LOGS} <= checks


def test_the_models_tests_are_asset_checks(graph):
    waterfall = {key.name for key in graph.asset_check_keys if key.asset_key == dg.AssetKey(["marts", "rpt_waterfall"])}
    assert waterfall - {"publish_gate"}


def test_a_scheduled_run_is_as_of_its_tick(definitions):
    schedule = definitions.resolve_schedule_def("daily_schedule")
    tick = datetime(2026, 10, 1, 6, tzinfo=UTC)
    with dg.build_schedule_context(scheduled_execution_time=tick, repository_def=definitions.get_repository_def()) as context:
        (request,) = schedule.evaluate_tick(context).run_requests
    assert request.run_config["resources"]["pipeline_run"]["config"]["as_of"] == tick.isoformat()
    assert request.partition_key == "2026-10-01"
    assert schedule.execution_timezone == "Europe/Dublin"


def test_a_period_is_closed_by_a_job_of_its_own_at_its_end(definitions):
    schedule = definitions.resolve_schedule_def("period_close_schedule")
    tick = datetime(2026, 10, 2, 6, tzinfo=UTC)
    with dg.build_schedule_context(scheduled_execution_time=tick) as context:
        (request,) = schedule.evaluate_tick(context).run_requests
    assert request.run_config["ops"]["publish_period"]["config"] == {"month": "2026-09", "due": tick.isoformat()}
    assert (schedule.job_name, schedule.cron_schedule, schedule.execution_timezone) == (
        "period_close",
        "0 7 2 * *",
        "Europe/Dublin",
    )


def test_the_digest_is_sent_each_morning_by_a_job_of_its_own(definitions):
    schedule = definitions.resolve_schedule_def("digest_schedule")
    assert (schedule.job_name, schedule.cron_schedule, schedule.execution_timezone) == ("digest", "0 8 * * *", "Europe/Dublin")
    assert definitions.resolve_job_def("digest").execute_in_process().success  # nobody has subscribed


@pytest.mark.parametrize("job", [JOB, "period_close"])
def test_each_job_ends_with_a_step_that_makes_it_a_whole_run(definitions, job):
    steps = [node.name for node in definitions.resolve_job_def(job).nodes_in_topological_order]
    assert len(LAST_STEPS & set(steps)) == 1


@pytest.mark.parametrize("job", [JOB, "period_close"])
def test_a_run_that_was_killed_begins_anew(definitions, job):
    assert definitions.resolve_job_def(job).tags["dagster/retry_strategy"] == "ALL_STEPS"


def test_the_sensor_asks_for_one_run_per_change_of_the_inboxes(world, definitions):
    sensor = definitions.resolve_sensor_def("new_files")
    world.request("r1", received="2026-01-05")
    world.deliver()
    first = sensor.evaluate_tick(dg.build_sensor_context())
    assert len(first.run_requests) == 1
    again = sensor.evaluate_tick(dg.build_sensor_context(cursor=first.cursor))
    assert not again.run_requests
    assert "No source has a new or changed file." in again.skip_message


def test_the_job_runs_in_one_process(definitions):
    assert definitions.resolve_job_def(JOB).executor_def is dg.in_process_executor


def test_nothing_that_dagster_keeps_to_itself_is_imported():
    root = Path(__file__).parents[2]
    files = [file for room in ("orchestration", "promisekept", "tests") for file in (root / room).rglob("*.py")]
    private = re.compile(r"^\s*(?:from|import) dagster\w*(?:\.\w+)*\._|^from dagster_dbt\.", re.MULTILINE)
    assert [file.name for file in files if private.search(file.read_text(encoding="utf-8"))] == []
