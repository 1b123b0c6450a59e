"""What dbt and the gates see: every relation there from the first day, in the shape that was promised."""

import duckdb
import pytest
from source_project import answered, received

from promisekept.sources.contract import contract
from promisekept.sources.landing.relations import attach

PROMISED = {
    "quarantine": "batch_id, source, namespace, log, row_number, reason, column_name, event_id, occurred_at, landed_at, "
    "request_id, right_type, jurisdiction, channel, event_type",
    "batches": "seq, batch_id, source, log, namespace, landed_at, origin_sha256, sha256, source_rows, mapped, skipped, unmapped, "
    "held_back, read, landed, duplicate, superseding, conflicting, quarantined, first_event_at, last_event_at, superseded",
    "held_back": "seq, source, log, origin_name, sha256, reason, landed_at, rows, is_replaced",
    "sources": "source, log, namespace, time_zone, expect_every_seconds, expect_grace_seconds, expect_rows_min, expect_rows_max, "
    "has_control_total, sequence_column",
    "control_totals": "source, day, stated, landed_at",
    "sequence_gaps": "source, column_name, first_missing, last_missing, missing, batch_id, landed_at",
}


@pytest.mark.parametrize("log", contract())
def test_every_log_is_there_before_anything_landed(project, log):
    described = project.query(f"describe landing.{log}")
    assert {row[0]: row[1].replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ") for row in described} == contract()[log].landed
    assert project.query(f"select count(*) from landing.{log}") == [(0,)]


@pytest.mark.parametrize("relation", PROMISED)
def test_every_promised_column_is_there_before_anything_landed(project, relation):
    assert project.query(f"select {PROMISED[relation]} from landing.{relation} where false") == []


def test_landed_files_have_the_columns_of_the_contract_in_its_order(project):
    project.file("a.csv", [received()])
    project.land()
    file = next((project.folder / "home/landing/requests").iterdir())
    names = [row[0] for row in duckdb.sql(f"describe select * from '{file}'").fetchall()]
    assert names == list(contract()["requests"].landed)


def _land_before_there_was(column, project):
    """Land one request by a contract without that column."""
    log = contract()["requests"]
    columns = log.columns
    object.__setattr__(log, "columns", tuple(one for one in columns if one.name != column))
    try:
        project.file("a.csv", [received()])
        project.land()
    finally:
        object.__setattr__(log, "columns", columns)


def test_files_that_landed_before_a_column_was_added_are_read_with_nulls_in_it(project):
    """One such file, and no relation of its log could be read: a new column of the contract broke every home with batches."""
    _land_before_there_was("declared_due_at", project)
    assert project.query("select event_id, declared_due_at from landing.requests") == [("e1", None)]
    due = "2026-04-09T00:00:00Z"
    project.file("b.csv", [received(event_id="e2", declared_due_at=due), received()])
    assert project.land_one().counts["landed"] == 1, "an event of the older file is met again"
    found = project.query("select event_id, declared_due_at is null, channel from landing.requests order by 1")
    assert found == [("e1", True, "email"), ("e2", False, "email")]


@pytest.mark.parametrize("differ", [False, True])
def test_each_file_is_opened_to_plan_a_query_only_where_their_columns_differ(project, differ):
    if differ:
        _land_before_there_was("declared_due_at", project)
    for number in (2, 3):
        project.file(f"{number}.csv", [received(event_id=f"e{number}")])
        project.land()
    made = "select sql like '%union_by_name = true%' from duckdb_views() where schema_name = 'landing' and view_name = 'requests'"
    assert project.query(made) == [(differ,)]
    assert project.query("select max(event_id) from landing.requests") == [("e3",)]


def test_the_same_event_is_a_duplicate_where_a_column_with_a_default_was_added_since(project):
    """The older row had null there, the newer one the default: every event that a source delivered again was in conflict."""
    _land_before_there_was("role", project)
    project.file("b.csv", [received(), received(event_id="e2", role="processor")])
    counts = project.land_one().counts
    assert (counts["landed"], counts["duplicate"], counts["conflicting"]) == (1, 1, 0)
    assert project.query("select event_id, role from landing.requests order by 1") == [("e1", "controller"), ("e2", "processor")]


def test_a_source_says_how_often_it_is_expected(project):
    project.source(expect={"every": "P1D", "grace": "PT12H", "rows": [1, 100]}, time_zone="Europe/Dublin")
    assert project.query("select * from landing.sources") == [
        ("helpdesk", "requests", "helpdesk", "Europe/Dublin", 86400, 43200, 1, 100, False, None, "date")
    ]


def test_relations_know_what_the_ledger_knew_at_a_sequence(project):
    for number in (1, 2, 3):
        project.file(f"{number}.csv", [answered(event_id=f"e{number}")])
        project.land()
    assert project.query("select event_id from landing.requests order by 1", known_seq=2) == [("e1",), ("e2",)]
    assert project.query("select count(*) from landing.batches", known_seq=2) == [(2,)]


def test_relations_are_made_anew_in_a_warehouse_that_has_them(project, tmp_path):
    project.file("a.csv", [received(), answered(event_type="granted")])
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        attach(connection, project.settings, project.ledger, 0)
        project.land()
        attach(connection, project.settings, project.ledger, 1)
        assert connection.execute("select first_event_at = last_event_at from landing.batches").fetchall() == [(True,)]
        assert connection.execute("select count(*) from landing.quarantine").fetchall() == [(1,)]
