"""A trace explains how the due date was derived, and leads to the landed rows."""

from __future__ import annotations

import csv
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from oracles.calendars import SATURDAY, SUNDAY, Calendar
from oracles.law import PACKAGED_LAW
from warehouse import Warehouse

AT = "T10:00:00Z"
# Days of receipt: two holidays within, the turn of a year and of a month within a weekend, a Saturday, a Sunday.
BUSINESS = ("2025-11-05", "2022-12-20", "2025-01-20", "2025-04-12", "2025-04-13")


def events_of(request_id: str, place: str, *events: tuple[str, str], **columns: Any) -> list[dict[str, Any]]:
    return [
        {"request_id": request_id, "event_type": kind, "occurred_at": day + AT}
        | ({"jurisdiction": place} | columns if kind == "received" else {})
        for kind, day in events
    ]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("traces")).prepare()
    warehouse.place("ZZ-X", "EU_GDPR", None, None)
    question, answer = ("clarification_requested", "clarification_received")
    warehouse.land(
        [
            *events_of("stretched", "IE", ("received", "2026-05-05"), (question, "2026-05-11"), (answer, "2026-05-20")),
            *events_of("too late", "IE", ("received", "2026-03-10"), ("extended", "2026-04-13")),
            *(
                row | ({"reason_code": "number_of_requests"} if row["event_type"] == "extended" else {})
                for row in events_of("extended", "IE", ("received", "2026-03-10"), ("extended", "2026-03-13"))
            ),
            *(
                row | ({"recorded_at": "2026-05-02" + AT} if row["event_type"] == "fulfilled" else {})
                for row in events_of("backdated", "IE", ("received", "2026-03-10"), ("fulfilled", "2026-03-20"))
            ),
            *events_of("rolled", "GB-ENG", ("received", "2021-04-01")),
            *events_of("waiting", "GB-ENG", ("received", "2026-03-02"), ("identity_requested", "2026-03-04")),
            *events_of("idle", "US-CA", ("received", "2026-03-02"), ("identity_requested", "2026-03-05"), right_type="erasure"),
            *(
                row
                for day in BUSINESS
                for row in events_of(f"business {day}", "US-CA", ("received", day), right_type="opt_out_sale_share")
            ),
            *events_of("without calendar", "ZZ-X", ("received", "2026-03-02")),
            *events_of("contradicted", "IE", ("received", "2026-03-02")),
            *events_of("too early", "IE", ("received", "2026-03-02"), ("fulfilled", "2026-03-01")),
            *(
                row | {"event_id": "contradicted:answer", "reason_code": "exempt"}
                for row in events_of("contradicted", "IE", ("denied", "2026-03-20"), ("denied", "2026-03-19"))
            ),
        ]
    )
    return warehouse.build("2026-06-20T12:00:00Z")


def steps(warehouse: Warehouse, request_id: str) -> list[dict[str, Any]]:
    (row,) = warehouse.rows(
        "select trace from outgoing.marts.fct_request_traces where request_key like ?", [f"tickets/{request_id}/%"]
    )
    return json.loads(row["trace"])


def sentence(warehouse: Warehouse, request_id: str, step: str) -> str:
    return " ".join(one["says"] for one in steps(warehouse, request_id) if one["step"] == step)


def test_the_steps_come_in_the_order_in_which_the_deadline_came_about(warehouse):
    order = ["rule", "received", "start", "base_due", "pause", "roll", "due", "state"]
    assert [step["step"] for step in steps(warehouse, "stretched")] == order


def test_every_step_has_a_sentence_and_a_reason(warehouse):
    for row in warehouse.rows("select trace from outgoing.marts.fct_request_traces"):
        for step in json.loads(row["trace"]):
            assert step["says"].endswith("."), step
            assert step["why"], step


def test_an_extension_states_its_reason_and_an_answer_its_record_time(warehouse):
    assert sentence(warehouse, "extended", "extension").startswith(
        "Notice of 13 March 2026 (number of requests), last day was 10 April 2026"
    )
    assert sentence(warehouse, "backdated", "state") == "Closed on 20 March 2026, in time; recorded on 2 May 2026."


def test_a_pause_states_the_days_added(warehouse):
    (pause,) = [step for step in steps(warehouse, "stretched") if step["step"] == "pause"]
    assert pause["says"] == "Clarification asked for on 11 May 2026, received on 20 May 2026, pause days added: 9 days."
    assert {name: pause[name] for name in ("verdict", "asked", "answered", "days")} == {
        "verdict": "permitted",
        "asked": "2026-05-11",
        "answered": "2026-05-20",
        "days": 9,
    }


def test_a_wait_that_the_law_does_not_permit_is_marked(warehouse):
    (pause,) = [step for step in steps(warehouse, "idle") if step["step"] == "pause"]
    assert (pause["says"], pause["why"]) == (
        "Proof of identity asked for on 5 March 2026, not received: no effect.",
        "the rule permits no such pause",
    )


def test_a_roll_names_the_days_that_it_passed_over(warehouse):
    assert sentence(warehouse, "rolled", "roll") == (
        "Moved from 1 May 2021 to Tuesday 4 May 2021, past Saturday 1 May 2021, Sunday 2 May 2021, Monday 3 May 2021 (May Day)."
    )


def test_a_late_notice_states_the_last_day(warehouse):
    assert sentence(warehouse, "too late", "extension") == "Notice of 13 April 2026, last day was 10 April 2026: no effect."


def test_a_deadline_that_has_not_begun_states_what_it_waits_for(warehouse):
    start = "The period has not begun. Proof of identity asked for on 4 March 2026, not received."
    assert sentence(warehouse, "waiting", "start") == start
    due = "No due date while an answer is outstanding. If every open question were answered on 20 June 2026: 20 July 2026."
    assert sentence(warehouse, "waiting", "due") == due


def test_a_request_without_a_rule_states_what_is_missing(warehouse):
    assert sentence(warehouse, "without calendar", "rule") == "No rule: the pack has no holiday calendar for ZZ-X."
    assert warehouse.request("without calendar")["no_rule_reason"] == "no_calendar"


def test_a_trace_leads_back_to_the_landed_rows_in_order_of_occurrence(warehouse):
    (row,) = warehouse.rows(
        "select provenance from outgoing.marts.fct_request_traces where request_key = 'tickets/stretched/access'"
    )
    assert [(event["event_type"], event["source"], event["batch_id"], event["row_number"]) for event in row["provenance"]] == [
        ("received", "helpdesk", "b-0001", 1),
        ("clarification_requested", "helpdesk", "b-0001", 2),
        ("clarification_received", "helpdesk", "b-0001", 3),
    ]


def test_conflicting_answers_stand_in_the_trace_and_among_the_rows_though_none_counts(warehouse):
    """Two conflicting answers, both in time, left a request that read as if nobody had answered."""
    request = warehouse.request("contradicted")
    assert (request["status"], request["closed_date"], request["has_conflict"]) == ("open_overdue", None, True)
    assert warehouse.request("too late")["has_conflict"] is False
    assert sentence(warehouse, "contradicted", "conflict") == (
        "Conflicting versions of one event: denied (exempt) on 19 March 2026 at 10:00; denied (exempt) on 20 March 2026 at 10:00."
    )
    (row,) = warehouse.rows("select provenance from outgoing.marts.fct_request_traces where request_key like '%/contradicted/%'")
    assert [(event["event_type"], event["verdict"], str(event["occurred_at"])[:10]) for event in row["provenance"]] == [
        ("received", "counts", "2026-03-02"),
        ("denied", "conflict", "2026-03-19"),
        ("denied", "conflict", "2026-03-20"),
    ]


def test_an_answer_before_the_receipt_that_names_no_right_stands_in_the_trace(warehouse):
    """It concerns no right, so the timeline dropped it: `explain` showed a request that nobody had answered."""
    assert warehouse.request("too early")["status"] == "open_overdue"
    assert sentence(warehouse, "too early", "before_receipt") == (
        "Fulfilled on 1 March 2026 at 10:00, before the receipt: it names no right and concerns none."
    )
    (row,) = warehouse.rows("select provenance from outgoing.marts.fct_request_traces where request_key like '%/too early/%'")
    assert [(event["event_type"], event["verdict"]) for event in row["provenance"]] == [
        ("fulfilled", "before_receipt"),
        ("received", "counts"),
    ]


def skipped(start: date, due: date, calendar: Calendar) -> str:
    """The days between that do not count, by the oracle's calendar; names of holidays left out."""
    between = [start + timedelta(days=number) for number in range(1, (due - start).days)]
    holidays = [day for day in between if day.weekday() < SATURDAY and calendar.is_holiday(day)]
    weekends = [[day] for day in between if day.weekday() >= SATURDAY]
    for one in weekends[1:]:
        if one[0].weekday() == SUNDAY and weekends[weekends.index(one) - 1][-1] == one[0] - timedelta(days=1):
            weekends[weekends.index(one) - 1] += one
            one.clear()
    kinds = (("holiday", [[day] for day in holidays]), ("weekend", [one for one in weekends if one]))
    return "; ".join(
        f"{len(ranges)} {word}{'' if len(ranges) == 1 else 's'}: {', '.join(in_words(one[0], one[-1]) for one in ranges)}"
        for word, ranges in kinds
        if ranges
    )


def in_words(first: date, last: date) -> str:
    whole = f"{last.day} {last:%B %Y}"
    if first == last:
        return whole
    if first.year != last.year:
        return f"{first.day} {first:%B %Y} to {whole}"
    return f"{first.day} to {whole}" if first.month == last.month else f"{first.day} {first:%B} to {whole}"


def test_days_that_a_period_in_business_days_does_not_count_stand_in_the_trace(warehouse):
    """Holidays by name and date, weekends as ranges, the calendar by name; the oracle finds the same days."""
    found = [one for one in steps(warehouse, "business 2025-11-05") if one["step"] == "skipped"]
    assert [(one["says"], one["why"]) for one in found] == [
        (
            "Not counted: 2 holidays: 11 November 2025 (Veterans Day), 27 November 2025 (Thanksgiving Day); "
            "3 weekends: 8 to 9 November 2025, 15 to 16 November 2025, 22 to 23 November 2025.",
            "calendar US-FED, United States, federal holidays (5 U.S.C. 6103)",
        )
    ]
    with (PACKAGED_LAW / "calendars.csv").open(encoding="utf-8", newline="") as file:
        calendar = next(Calendar(row) for row in csv.DictReader(file) if row["calendar"] == "US-FED")
    for day in BUSINESS:
        named = {one["step"]: one for one in steps(warehouse, f"business {day}")}
        due = date.fromisoformat(named["base_due"]["date"])
        without_names = re.sub(r" \((?:[^()]|\([^()]*\))*\)", "", named["skipped"]["says"])
        assert without_names == f"Not counted: {skipped(date.fromisoformat(day), due, calendar)}."
    assert "skipped" not in {one["step"] for one in steps(warehouse, "stretched")}, "a month counts every day"
