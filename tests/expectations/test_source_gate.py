"""The source gate evaluates each log and each source's deliveries, and stops nothing."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest
from landed import AS_OF, LandedWorld

from expectations.source_gate import run_source_gate
from promisekept.config.source import LOGS

DAY = 86400


@pytest.fixture
def world(tmp_path):
    return LandedWorld(tmp_path)


def gate_verdict(world, log="requests", source="helpdesk"):
    run_source_gate(world.path)
    return world.verdicts()[(log, source)]


def test_a_sound_log_passes_and_a_log_without_a_source_is_not_configured(world):
    world.source()
    world.batch(rows=1)
    world.event()
    results = run_source_gate(world.path)
    assert {result.log: result.verdict for result in results if result.source is None} == {
        log: "passed" if log == "requests" else "not_configured" for log in LOGS
    }
    verdicts = world.verdicts()
    assert verdicts[("requests", None)] == ("passed", [])
    assert verdicts[("requests", "helpdesk")] == ("passed", [])
    assert verdicts[("consents", None)] == ("not_configured", [])
    assert len(verdicts) == len(LOGS) + 1


def test_the_build_database_can_be_written_again_after_the_gate(world):
    world.source()
    run_source_gate(world.path)
    with duckdb.connect(str(world.path)) as connection:
        connection.execute("create table run.afterwards (a int)")


def test_every_connection_has_the_settings_that_it_is_given(world):
    world.source()
    settings = {"max_vacuum_tasks": "0"}  # of DuckDB: the room of deleted rows is left alone
    with duckdb.connect(str(world.path), config=settings) as connection:
        connection.execute("create table run.facts as select range as key from range(500_000)")
        connection.execute("delete from run.facts where key % 10 < 6")
    run_source_gate(world.path, engine=settings)
    with duckdb.connect(str(world.path), config=settings) as connection:
        stored = "select estimated_size from duckdb_tables() where table_name = 'facts'"
        assert connection.execute(stored).fetchall() == [(500_000,)]


def test_of_a_log_that_passed_the_batches_that_landed_since_are_looked_at(world):
    def verdict(counts_for="month", *, anew=False):
        results = run_source_gate(world.path, counts_for=counts_for, anew=anew)
        return next(result.verdict for result in results if result.log == "requests" and result.source is None)

    def execute(statement):
        with duckdb.connect(str(world.path)) as connection:
            connection.execute(statement)

    world.source()
    world.batch(batch_id="b-0001")
    world.event()
    assert verdict() == "passed"
    world.event(event_id="e2", event_type="recieved")  # in a batch that passed: such a file is found by its hash
    assert [verdict(), verdict("another month"), verdict("another month")] == ["passed", "failed", "failed"]
    execute("delete from landing.requests where event_id = 'e2'")
    assert verdict() == "passed"
    world.batch(batch_id="b-0002")
    world.event(event_id="e3", batch_id="b-0002")
    assert verdict() == "passed"
    world.event(event_id="e4", batch_id="b-0003", request_id=None)
    world.batch(batch_id="b-0003")
    assert verdict() == "failed"
    execute("delete from landing.requests where event_id = 'e4'")
    assert verdict() == "passed"
    world.event(event_id="e5", event_type="recieved")
    assert [verdict(), verdict(anew=True)] == ["passed", "failed"]
    execute("delete from landing.requests where event_id = 'e5'")
    assert verdict() == "passed"
    world.event(event_id="e6", event_type="recieved")
    execute("update landing.batches set superseded = true where batch_id = 'b-0002'")
    assert verdict() == "failed"


@pytest.mark.parametrize(
    ("column", "value"),
    [("event_type", None), ("occurred_at", None), ("request_id", None), ("event_type", "recieved"), ("role", "owner")],
)
def test_a_log_with_a_hole_or_an_unknown_code_fails_as_a_whole(world, column, value):
    world.source()
    world.batch(rows=1)
    world.event(**{column: value})
    run_source_gate(world.path)
    verdict, failed = world.verdicts()[("requests", None)]
    assert verdict == "failed"
    assert any(column in check for check in failed)


@pytest.mark.parametrize("column", ["subject_key", "right_type", "jurisdiction", "channel"])
def test_what_received_needs_must_be_there(world, column):
    world.source()
    world.batch(rows=1)
    world.event(**{column: None})
    assert gate_verdict(world, source=None)[1] == ["requests: rule (what an event type needs is there)"]


def test_staging_is_evaluated_where_it_is_built_so_that_a_fixed_row_no_longer_fails(world):
    world.source()
    world.batch(rows=1)
    world.event(event_type="recieved")
    with duckdb.connect(str(world.path)) as connection:
        connection.execute("create view staging.stg_requests__events as select * from landing.requests where false")
    assert gate_verdict(world, source=None)[0] == "passed"


@pytest.mark.parametrize(
    ("age", "verdict"),
    [(timedelta(hours=12), "passed"), (timedelta(hours=36), "passed"), (timedelta(hours=36, seconds=1), "failed")],
)
def test_a_source_is_stale_after_its_interval_and_its_grace(world, age, verdict):
    world.source(expect_every_seconds=DAY, expect_grace_seconds=DAY // 2)
    world.batch(rows=1, age=age)
    world.event()
    assert gate_verdict(world)[0] == verdict


def test_a_source_without_an_expectation_is_neither_fresh_nor_stale(world):
    world.source()
    world.batch(rows=1, age=timedelta(days=400))
    world.event()
    assert gate_verdict(world) == ("passed", [])


def test_a_source_that_never_delivered_fails(world):
    world.source()
    assert gate_verdict(world) == ("failed", ["requests.helpdesk: expect_column_values_to_be_between (deliveries)"])


@pytest.mark.parametrize(("rows", "verdict"), [(9, "failed"), (10, "passed"), (20, "passed"), (21, "failed")])
def test_a_delivery_of_unusual_size_fails(world, rows, verdict):
    world.source(expect_rows_min=10, expect_rows_max=20)
    world.batch(rows=1000, age=timedelta(days=1), landed=0, duplicate=1000)
    world.batch(rows=rows, landed=0, duplicate=rows)
    assert gate_verdict(world)[0] == verdict


@pytest.mark.parametrize(("quarantined", "verdict"), [(1, "passed"), (2, "failed")])
def test_a_source_of_which_too_much_was_rejected_fails(world, quarantined, verdict):
    world.source()
    world.batch(rows=1000, quarantined=quarantined)
    world.events(1000 - quarantined)
    world.reject(quarantined)
    assert gate_verdict(world)[0] == verdict


def test_delivering_a_file_again_does_not_make_its_rejected_rows_a_smaller_share(world):
    world.source()
    world.batch(rows=100, quarantined=1)
    world.events(99)
    for _ in range(20):
        world.batch(rows=100, quarantined=1, landed=0, duplicate=99)
    world.reject(1)
    assert gate_verdict(world)[0] == "failed"


def test_a_rejected_row_that_landed_after_a_retry_is_no_longer_held_against_the_source(world):
    world.source()
    world.batch(rows=10, quarantined=5, landed=0, duplicate=5)
    world.batch(rows=5, landed=0, duplicate=5)
    assert gate_verdict(world) == ("passed", [])


def test_a_batch_whose_rows_do_not_add_up_fails(world):
    world.source()
    world.batch(rows=2, landed=0, duplicate=1)
    assert gate_verdict(world) == ("failed", ["requests.helpdesk: expect_column_values_to_be_between (unbalanced_batches)"])


def test_rows_that_the_ledger_recorded_and_no_file_holds_fail(world):
    world.source()
    world.batch(rows=2)
    world.event()
    assert gate_verdict(world) == ("failed", ["requests.helpdesk: expect_column_values_to_be_between (lost_rows)"])


def test_a_superseded_batch_no_longer_counts(world):
    world.source()
    world.batch(rows=2, landed=0, duplicate=1, superseded=True)
    world.batch(rows=1)
    world.event()
    assert gate_verdict(world) == ("passed", [])


def test_a_file_held_back_fails_until_a_later_delivery(world):
    world.source()
    world.batch(rows=1, age=timedelta(days=1))
    world.event()
    held = {"source": "helpdesk", "log": "requests", "landed_at": AS_OF, "rows": 5}
    world.insert("landing.held_back", **held)
    assert gate_verdict(world) == ("failed", ["requests.helpdesk: expect_column_values_to_be_between (open_held_back)"])
    world.batch(rows=0, age=timedelta(hours=-1))
    assert gate_verdict(world)[0] == "passed"


def test_a_source_that_was_not_read_to_its_end_fails_whatever_part_of_it_has_landed_since(world):
    world.source()
    world.batch(rows=1, age=timedelta(days=1))
    world.event()
    unread = {"source": "helpdesk", "log": "requests", "reason": "source_not_read", "landed_at": AS_OF}
    world.insert("landing.held_back", **unread)
    world.batch(rows=0, age=timedelta(hours=-1))
    assert gate_verdict(world) == ("failed", ["requests.helpdesk: expect_column_values_to_be_between (open_held_back)"])


def test_one_bad_source_fails_its_log_and_not_the_other_source(world):
    for name in ("helpdesk", "legacy"):
        world.source(name)
    world.batch("helpdesk", rows=1)
    world.event()
    run_source_gate(world.path)
    verdicts = world.verdicts()
    assert verdicts[("requests", "helpdesk")][0] == "passed"
    assert verdicts[("requests", "legacy")][0] == "failed"
    assert verdicts[("requests", None)] == ("failed", ["requests.legacy: expect_column_values_to_be_between (deliveries)"])
