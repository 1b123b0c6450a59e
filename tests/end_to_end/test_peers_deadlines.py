"""How other systems get a deadline wrong, as stories that end well here.

Each test is named for what it protects; the number in its docstring is the row of the benchmark it comes from.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from oracles.deadlines import evaluate
from oracles.law import read_law
from world import DEADLINES, Report, World, as_event

pytestmark = pytest.mark.slow

EARLY, MIDDLE, LATE = "2026-03-20", "2026-06-15", "2027-02-01"
TRACED = (*DEADLINES, "fct_request_traces")


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    world = World(tmp_path_factory.mktemp("peers") / "world")
    world.place("ZZ-CA", "US_CA_CCPA", "US-CA-JUD", "America/Los_Angeles")

    world.request("plain", received="2026-03-10")
    world.request("paused", received="2026-03-10").identity_requested("2026-03-12").identity_verified("2026-03-16")

    world.request("noticed-late", received="2026-03-10").extended("2026-04-13")
    world.request("noticed-in-time", received="2026-03-10").extended("2026-04-10")

    for number, order in enumerate(permutations(range(5))):
        case = world.request(f"replay-{number:03d}", received="2026-03-10")
        case.identity_requested("2026-03-13").identity_verified("2026-03-18")
        case.extended("2026-03-20").extension_revoked("2026-04-02")
        world.events[-5:] = [world.events[-5:][place] for place in order]

    world.request("asked-in-ireland", received="2026-03-10").clarification_requested("2026-03-20").clarification_received(
        "2026-03-27"
    )
    world.request("still-asking", received="2026-03-10").clarification_requested("2026-03-20")
    california = world.request("asked-in-california", jurisdiction="ZZ-CA", right="erasure", received="2026-03-10")
    california.identity_requested("2026-03-12").identity_verified("2026-04-02")
    unproven = world.request("unproven-in-california", jurisdiction="ZZ-CA", right="erasure", received="2026-03-10")
    unproven.identity_requested("2026-03-12")
    world.land()
    return world


@pytest.fixture(scope="module")
def reports(world: World) -> dict[str, Report]:
    seen = {}
    for as_of in (EARLY, MIDDLE, LATE):
        report = world.run(as_of, only=TRACED)
        seen[as_of] = Frozen({name: report.table(name) for name in TRACED})
    return seen


class Frozen(Report):
    """A report kept while the warehouse goes on to another instant."""

    def __init__(self, tables):
        self.tables = tables

    def table(self, name, where="true"):
        if where == "true":
            return self.tables[name]
        request_id = where.split("'")[1]
        return [row for row in self.tables[name] if row["request_id"] == request_id]

    def trace(self, request_id):
        (row,) = [row for row in self.tables["fct_request_traces"] if f"/{request_id}/" in row["request_key"]]
        return json.loads(row["trace"])


def test_a_deadline_does_not_move_with_the_day_of_the_report(reports):
    """T1: a due date computed as today plus what is left wanders with the run and is blank on the day itself."""
    for request_id, due in (("plain", "2026-04-10"), ("paused", "2026-04-14")):
        assert {as_of: report.request(request_id)["due_date"] for as_of, report in reports.items()} == dict.fromkeys(reports, due)


def test_a_deadline_is_shown_on_the_due_date_itself(world):
    """T1: blank on the due date."""
    assert world.run("2026-04-10", only=DEADLINES).request("plain") == {
        "due_date": "2026-04-10",
        "status": "open_in_time",
        "due_soon": True,
    }


def test_a_deadline_is_the_one_that_its_trace_arrives_at(reports):
    """T1: the figure and its explanation are one computation."""
    for report in reports.values():
        for row in report.table("fct_requests"):
            steps = report.trace(row["request_id"])
            assert [step["date"] for step in steps if step["step"] == "received"] == [row["received_date"]]
            assert [step["date"] for step in steps if step["step"] == "due"][-1] == row["due_date"]


def test_a_notice_sent_after_the_due_date_extends_nothing(reports):
    """T6: an extension is accepted whenever somebody clicks on it."""
    assert reports[MIDDLE].request("noticed-late") == {
        "due_date": "2026-04-10",
        "extension_status": "late",
        "status": "open_overdue",
    }


def test_a_notice_in_time_shows_both_clocks(reports):
    """T6: the first period stays visible beside the extended one."""
    assert reports[MIDDLE].request("noticed-in-time") == {
        "base_due_date": "2026-04-10",
        "due_date": "2026-06-10",
        "extension_status": "valid",
        "status": "open_overdue",
    }


def test_an_extension_taken_back_after_a_pause_leaves_one_answer_in_any_order_of_arrival(reports):
    """T7: taking an extension back subtracts days from a date that pauses had moved."""
    rows = [row for row in reports[MIDDLE].table("fct_requests") if row["request_id"].startswith("replay-")]
    assert len(rows) == 120
    answers = {(row["due_date"], row["paused_days"], row["extension_status"], row["status"]) for row in rows}
    assert answers == {("2026-04-15", 5, "revoked", "open_overdue")}


def test_a_deadline_with_pause_days_states_their_number(reports):
    """T8: no deadline while paused, and none to see afterwards why it moved."""
    assert reports[MIDDLE].request("asked-in-ireland") == {
        "base_due_date": "2026-04-10",
        "due_date": "2026-04-17",
        "paused_days": 7,
        "unpermitted_pause_days": 0,
    }


def test_a_request_that_waits_for_the_person_keeps_its_base_date_in_sight(reports):
    """T8: while the clock stands still there is no due date, and the date it had is still there."""
    for report in (reports[MIDDLE], reports[LATE]):
        assert report.request("still-asking") == {"status": "paused", "due_date": None, "base_due_date": "2026-04-10"}


def test_a_pause_that_the_law_does_not_know_is_flagged_and_moves_nothing(reports):
    """T8: California knows no pause for a check of identity."""
    assert reports[MIDDLE].request("asked-in-california") == {
        "due_date": "2026-04-24",
        "paused_days": 0,
        "unpermitted_pause_days": 21,
    }
    assert reports[MIDDLE].request("unproven-in-california") == {"due_date": "2026-04-24", "status": "open_overdue"}


def test_the_clock_starts_when_the_request_arrives_not_when_identity_is_proven(reports):
    """T9: a countdown from verification gives weeks away."""
    for request_id in ("asked-in-california", "unproven-in-california", "paused"):
        row = reports[MIDDLE].request(request_id)
        assert row["start_date"] == row["received_date"] == "2026-03-10"


def test_identity_stops_the_clock_only_where_the_regime_allows_it(reports):
    """T9: the same two events in Ireland and in California."""
    assert reports[MIDDLE].request("paused")["paused_days"] == 4
    assert reports[MIDDLE].request("asked-in-california")["paused_days"] == 0


CLOCK_CHANGES = {
    "ZZ-NY": ("US_VA_VCDPA", "US-VA", "America/New_York", ("2026-03-08", "2026-11-01")),
    "ZZ-LN": ("UK_GDPR", "GB-ENG", "Europe/London", ("2026-03-29", "2026-10-25")),
    "ZZ-SY": ("AU_APP_AGENCY", "AU-NSW", "Australia/Sydney", ("2026-04-05", "2026-10-04")),
}


def test_a_day_is_a_local_day_on_both_sides_of_every_clock_change(tmp_path):
    """T13: deadlines an hour or a day off when the clocks change between receipt and due date."""
    world = World(tmp_path / "world")
    places = {code: world.place(code, *place[:3]) for code, place in CLOCK_CHANGES.items()}
    cases = []
    for code, (_, _, zone, changes) in CLOCK_CHANGES.items():
        for change in map(date.fromisoformat, changes):
            for shift in (-46, -45, -44, -31, -30, -29, -1, 0, 1):
                for hour in ("00:00", "00:59", "03:00", "23:30"):
                    wall = datetime.fromisoformat(f"{change + timedelta(days=shift)}T{hour}").replace(tzinfo=ZoneInfo(zone))
                    cases.append(world.request(f"c{len(cases)}", jurisdiction=places[code], received=wall))
    as_of = world.instant("2027-01-15")
    report = world.run(as_of, only=DEADLINES)
    for request in cases:
        verdict = evaluate(
            [as_event(row) for row in request.events], "access", world.places[request.jurisdiction], read_law(), as_of
        )
        assert report.request(request.request_id) == {
            "received_date": verdict.received_date.isoformat(),
            "due_date": verdict.due_date.isoformat(),
        }, request.events


def test_a_later_change_of_the_law_does_not_touch_a_request_that_had_already_come(tmp_path):
    """T13: yesterday's target was rewritten by today's setting."""
    world = World(tmp_path / "world")
    world.request("before", received="2026-03-10")
    world.request("after", received="2026-05-10")
    today = world.run("2026-06-15", only=DEADLINES)
    before = today.request("before")
    assert today.request("after")["due_date"] == "2026-06-10"

    world.change_rule("eu_gdpr.access.2018-05-25", valid_to="2026-05-01")
    tomorrow = {"rule_id": "eu_gdpr.access.2026-05-01", "valid_from": "2026-05-01", "valid_to": "", "response_n": "2"}
    world.add_rule(like="eu_gdpr.access.2018-05-25", **tomorrow)
    changed = world.run("2026-06-15", only=DEADLINES)
    assert changed.request("before") == dict(before)
    assert changed.request("after")["due_date"] == "2026-07-10"
