"""How other systems get a figure wrong, as stories that end well here.

Each test is named for what it protects; the number in its docstring is the row of the benchmark it comes from.
"""

from __future__ import annotations

import pytest
from world import Report, World

pytestmark = pytest.mark.slow

AS_OF = "2026-06-15"


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    """Ten cases in Ireland and one from nowhere, in every state that a case can have."""
    world = World(tmp_path_factory.mktemp("figures") / "world")
    for number in range(5):
        world.request(f"in-time-{number}", received="2026-03-10").fulfilled("2026-04-10")
    world.request("late", received="2026-03-10").fulfilled("2026-04-11")
    world.request("silent", received="2026-03-10")
    world.request("acknowledged", received="2026-03-11").acknowledged("2026-03-12")
    world.request("again", received="2026-03-12").fulfilled("2026-04-01").reopened("2026-04-02")
    world.request("noticed-late", received="2026-03-12").extended("2026-05-01")
    world.request("passed-around", received="2026-03-13").system_completed("2026-03-20", system="crm")
    world.request("young", received="2026-06-10")
    world.request("young-and-extended", received="2026-05-10").extended("2026-05-20")
    world.request("waiting", received="2026-05-20").identity_requested("2026-05-22")
    world.request("nowhere", jurisdiction="AQ", received="2026-03-10")
    world.request("backdated", received="2026-05-01").fulfilled("2026-05-02", recorded_at="2026-05-20")
    world.request("foretold", received="2026-05-01").fulfilled("2026-05-02", recorded_at="2026-04-20")
    world.request("unknown-end", received="2026-03-10")
    world.events.append(
        {"event_id": "unknown-end:closed", "request_id": "unknown-end", "event_type": "fulfilled", "occurred_at": ""}
    )
    return world


@pytest.fixture(scope="module")
def report(world: World) -> Report:
    return world.run(AS_OF)


def test_every_unfinished_request_past_its_deadline_is_listed_whatever_happened_to_it(report):
    """T2: five states were forgotten, and a missing date counted as not overdue."""
    overdue = {row["request_id"] for row in report.table("fct_requests", "status = 'open_overdue'")}
    assert overdue == {"silent", "acknowledged", "again", "noticed-late", "passed-around", "unknown-end"}
    assert report.metric("overdue_open")["value"] == len(overdue)
    listed = {row["entity"].partition("/")[2] for row in report.findings("overdue_open")}
    assert listed == {f"helpdesk/{request_id}/access" for request_id in overdue}


def test_a_request_without_a_due_date_is_never_among_those_in_time(report):
    """T2: a null is a bucket of its own, with a reason."""
    without = {row["request_id"]: row["status"] for row in report.table("fct_requests", "due_date is null")}
    assert without == {"waiting": "paused", "nowhere": "no_rule"}
    assert len(report.findings("no_rule")) == 1


def test_one_printed_formula_gives_the_printed_figure_everywhere(report):
    """T5: 85.7, 66.7 and 55.6 per cent of the same ten cases."""
    counts = {}
    for row in report.table("fct_requests"):
        counts[row["status"]] = counts.get(row["status"], 0) + 1
    adherence = report.metric("deadline_adherence")
    assert adherence == {
        "numerator": counts["closed_on_time"],
        "denominator": counts["closed_on_time"] + counts["closed_late"] + counts["open_overdue"],
    }
    assert adherence["value"] == adherence["numerator"] / adherence["denominator"]
    months = report.table("fct_metrics", "metric_code = 'deadline_adherence' and dimension = 'all' and period_grain = 'month'")
    for part in ("numerator", "denominator"):
        assert sum(row[part] for row in months) == adherence[part]


def test_the_best_still_possible_is_never_below_what_was_reached(report):
    """T5: the upper bound shares the denominator."""
    for dimension in ("all", "jurisdiction", "right_type", "channel"):
        for best in report.table(
            "fct_metrics", f"metric_code = 'max_achievable_adherence' and period_grain = 'to_date' and dimension = '{dimension}'"
        ):
            reached = report.metric("deadline_adherence", dimension, best["dimension_value"])
            if reached["value"] is not None:
                assert best["value"] >= reached["value"]


def test_a_late_notice_is_counted_as_an_extension_without_effect(report):
    """T6: the figure knows what the clock knows."""
    assert report.metric("invalid_extension_count")["value"] == 1
    assert len(report.findings("extension_late")) == 1


def test_an_entry_written_before_it_happened_is_flagged(report):
    """T10: a log that anybody may date as they like."""
    (finding,) = report.findings("recorded_before_occurred")
    assert finding["event_id"].startswith("foretold")


def test_an_entry_written_down_later_keeps_both_times(report):
    """T10: when it happened and when it was written down are two columns, and the lag is measured."""
    assert report.request("backdated") == {"closed_date": "2026-05-02", "status": "closed_on_time"}


def test_an_answer_at_an_unknown_time_is_not_an_answer_in_time(report):
    """T10: no completion time, and yet completed in time."""
    assert report.request("unknown-end")["status"] == "open_overdue"
    adherence = report.metric("deadline_adherence")
    assert adherence["value_worst"] <= adherence["value"]


def test_what_is_not_yet_due_is_neither_kept_nor_missed(report):
    """T17: a request received yesterday counted as a failure."""
    not_due = {row["request_id"] for row in report.table("fct_requests", "status in ('open_in_time', 'paused')")}
    assert not_due == {"young", "young-and-extended", "waiting"}
    received = report.metric("requests_received")["value"]
    adherence, best = report.metric("deadline_adherence"), report.metric("max_achievable_adherence")
    assert best["denominator"] - adherence["denominator"] == len(not_due)
    assert received == best["denominator"] + 1  # the one from nowhere
