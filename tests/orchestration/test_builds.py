"""Which database a run builds in, and what it may keep of an earlier one."""

from __future__ import annotations

import json

import pytest
from all_logs import source
from world import World, help_desk

from orchestration import pipeline
from orchestration.progress import listening

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    world.request("early", received="2026-01-05")
    world.request("late", received="2026-01-05").fulfilled("2026-03-20")
    world.run("2026-02-01")
    return world


def status(marts) -> dict[str, str]:
    return {row["request_id"]: row["status"] for row in marts.table("fct_requests")}


def test_a_run_of_a_later_day_keeps_what_nothing_new_is_said_about(world):
    assert not world.prepare("2026-02-02").full_refresh


def test_a_run_of_a_later_day_makes_nothing_that_would_come_out_as_it_stands_and_tests_all_that_it_makes(world):
    build = world.prepare("2026-02-02")
    results = [*pipeline.stage(build), *pipeline.transform(build)]
    nodes = build.project.nodes
    made, tests = (
        {result.unique_id for result in results if (result.resource_type == "test") is wanted} for wanted in (False, True)
    )
    names = {nodes[name].name for name in made}
    assert {"fct_requests", "stg_requests__versions", "int_findings__packs"} <= names
    assert not {"dim_metrics", "int_requests__rules", "metric_catalogue"} & names
    of_what_was_made = {
        name
        for name, one in nodes.items()
        if one.resource_type == "test" and (read := {node for node in one.reads if node in nodes}) and read <= made
    }
    assert of_what_was_made <= tests


def test_a_build_that_was_left_in_the_middle_is_begun_anew(world):
    """A run for April was killed; the next one is for March, before the answer of 20 March. What the killed one had
    already written about that answer must not stay."""
    build = world.prepare("2026-04-01")
    pipeline.stage(build)
    pipeline.gate_sources(build)

    def cut(_: str, what: str) -> None:
        if what.endswith("· fct_requests"):
            raise RuntimeError

    with pytest.raises(RuntimeError), listening(cut):
        pipeline.transform(build)
    assert status(world.run("2026-03-01")) == {"early": "open_overdue", "late": "open_overdue"}


def test_no_log_of_changes_is_written_of_what_a_killed_build_makes_again(world):
    build = world.prepare("2026-04-01")
    logs = [file.with_name(f"{file.name}.wal") for file in (build.warehouse, build.outgoing)]
    seen = []
    with listening(lambda stage, what: seen.append((stage, [log for log in logs if log.exists()]))):
        pipeline.stage(build)
        pipeline.transform(build)
    assert {stage for stage, _ in seen} >= {"stage", "transform"}
    assert [there for _, there in seen if there] == []


def test_what_does_not_fit_into_memory_is_written_beside_the_build_database(world):
    """The connection is to no file, so that DuckDB by itself would write below the folder in which the command stands."""
    build = world.prepare("2026-02-02")
    with pipeline._model_connection(build) as connection:
        ((place,),) = connection.execute("select current_setting('temp_directory')").fetchall()
    assert place == f"{build.warehouse}.tmp"


@pytest.mark.parametrize("name", ["O'Brien's", "Clients [2026]", "{a,b} *", "100% #1"])
def test_a_folder_may_have_any_name(tmp_path, name):
    """Where SQL ends a text, a pattern has a wildcard, and an address its fragment: no run built in the first, or found files."""
    folder = tmp_path / name
    folder.mkdir()
    world = World(folder)
    world.request("early", received="2026-01-05")
    assert status(world.run("2026-02-01")) == {"early": "open_in_time"}
    assert status(world.run("2026-02-10")) == {"early": "open_overdue"}


def test_marts_that_are_gone_are_built_again(world):
    build = world.prepare("2026-02-02")
    build.outgoing.unlink()
    assert world.prepare("2026-02-02").full_refresh
    assert len(status(world.run("2026-02-02"))) == 2


def test_a_look_back_leaves_the_daily_build_alone(world):
    daily = world.prepare("2026-02-02")
    look_back = world.prepare("2026-01-20")
    assert look_back.full_refresh
    assert (look_back.warehouse != daily.warehouse, look_back.outgoing != daily.outgoing) == (True, True)


def test_what_newly_happened_is_taken_in_also_where_no_identifiers_were_ever_linked(world):
    """The log of links only adds to whom something is about: without it everybody is a person all the same."""
    world.configure(help_desk("helpdesk", "requests"), source("processing"))
    act = {"event_id": "a1", "occurred_at": "2026-02-01T09:00:00Z", "subject_ref": "a@example.org", "purpose_code": "news"}
    what = {"system": "crm", "data_categories": ["usage"], "automated_decision": False, "legal_basis": "contract"}
    world.deliver([act | what], inbox="processing")
    build = world.prepare("2026-02-02")
    pipeline.stage(build)
    pipeline.transform(build)
    assert not build.full_refresh
    with build.connect() as connection:
        connection.execute(f"attach '{build.outgoing}' as outgoing")
        assert connection.execute("select event_id from outgoing.marts.fct_processing").fetchall() == [("a1",)]


def test_a_log_that_is_heard_of_for_the_first_time_is_built(world):
    """What only reads logs that never landed is left as it was built once, empty."""
    incidents = {
        "name": "security",
        "log": "incidents",
        "reader": {"kind": "files", "path": "./inbox/security/*.jsonl"},
        "time_zone": "Europe/Dublin",
    }
    world.run("2026-02-02")
    world.configure(help_desk("helpdesk", "requests"), incidents)
    event = {"event_id": "e1", "occurred_at": "2026-02-01T09:00:00Z", "incident_id": "i1", "event_type": "contained"}
    inbox = world.folder / "inbox" / "security"
    inbox.mkdir(parents=True)
    (inbox / "one.jsonl").write_text(json.dumps(event) + "\n", encoding="utf-8")
    build = world.prepare("2026-02-03")
    assert not build.full_refresh
    staged = {result.name for result in pipeline.stage(build)}
    assert ("stg_incidents__events" in staged, "stg_consents__events" in staged) == (True, False)
    with build.connect() as connection:
        assert connection.execute("select event_id from staging.stg_incidents__events").fetchall() == [("e1",)]
