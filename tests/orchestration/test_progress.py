"""Progress states how far a run has come, and estimates the rest by what each model took before."""

from __future__ import annotations

import duckdb
import pytest
from source_project import as_csv, received

from orchestration.execution import NodeResult
from orchestration.node_seconds import last_seconds, remember
from orchestration.progress import NodeProgress, listening
from promisekept.sources.landing.land import land


def result(name: str, seconds: float) -> NodeResult:
    return NodeResult(name, name, "model", "success", seconds)


@pytest.fixture
def heard():
    found: list[str] = []
    with listening(lambda stage, what: found.append(f"{stage}: {what}")):
        yield found


def test_the_rest_is_estimated_by_what_it_took_before_at_the_speed_of_this_build(heard):
    progress = NodeProgress("transform", {"a": 10.0, "b": 400.0, "c": 100.0, "d": 2.0})
    progress(result("a", 20.0), 1, 4)
    progress(result("b", 800.0), 2, 4)
    progress(result("c", 200.0), 3, 4)
    progress(result("d", 4.0), 4, 4)
    assert heard == [
        "transform: 1 of 4 · a · about 8 min left",  # twice 502 s, two at a time
        "transform: 2 of 4 · b · about 2 min left",
        "transform: 3 of 4 · c",
        "transform: 4 of 4 · d",
    ]


def test_of_nodes_that_take_long_the_tasks_are_stated(heard):
    NodeProgress("transform", {}).underway({"fct_b": (3, 16), "fct_a": (0, 0)}, 7, 226)
    assert heard == ["transform: 7 of 226 done · running: fct_a, 0 of 0 tasks; fct_b, 3 of 16 tasks"]


def test_nothing_is_estimated_where_a_node_was_never_made(heard):
    progress = NodeProgress("transform", {"a": 10.0, "b": None})
    progress(result("a", 20.0), 1, 2)
    assert heard == ["transform: 1 of 2 · a"]


def test_full_refreshes_and_incremental_builds_are_remembered_apart():
    with duckdb.connect() as connection:
        connection.execute("create schema run")
        assert last_seconds(connection, ["a"], full_refresh=True) == {"a": None}
        remember(connection, [result("a", 9.0), result("b", 1.0)], full_refresh=True)
        remember(connection, [result("a", 0.5)], full_refresh=False)
        remember(connection, [result("a", 0.25)], full_refresh=False)
        assert last_seconds(connection, ["a", "b"], full_refresh=True) == {"a": 9.0, "b": 1.0}
        assert last_seconds(connection, ["a", "b"], full_refresh=False) == {"a": 0.25, "b": None}


def test_landing_states_rows_and_the_share_of_the_new_files(project):
    for number, rows in enumerate((3, 1)):
        project.file(f"{number}.csv", as_csv(received(event_id=f"{number}-{row}") for row in range(rows)))
    heard: list[str] = []
    land(project.settings, project.ledger, project.now, heard.append)
    assert [line.partition(" · ")[2] for line in heard] == [
        "3 rows so far, 65% of the new files' bytes",
        "4 rows so far, 100% of the new files' bytes",
    ]
