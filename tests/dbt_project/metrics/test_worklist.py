"""The worklist: every finding with its promise and its landed row."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from metrics_warehouse import Warehouse

pytestmark = pytest.mark.slow

LATE = {
    "status": "closed_late", "outcome": "fulfilled", "received_date": date(2026, 3, 1), "due_date": date(2026, 3, 31),
    "closed_date": date(2026, 4, 20), "days_overdue": 20,
}  # fmt: skip
NOON = datetime(2026, 4, 20, 12, tzinfo=UTC)


def findings(warehouse: Warehouse, code: str | None = None) -> list[dict[str, Any]]:
    rows = warehouse.rows("from outgoing.marts.fct_findings order by finding_code, entity")
    return [row for row in rows if code in (None, row["finding_code"])]


def test_a_late_answer_leads_to_the_row_that_closed_it_and_counts_against_the_promise(warehouse):
    warehouse.deliver("helpdesk")
    warehouse.requests([LATE])
    warehouse.event("helpdesk", event_id="the answer", request_id="r0", event_type="fulfilled", occurred_at=NOON)
    (row,) = findings(warehouse)
    assert (row["finding_code"], row["control_id"], row["event_id"]) == ("closed_late", "CTL-TIME", "the answer")
    assert json.loads(row["detail"]) == {"due_date": "2026-03-31", "closed_date": "2026-04-20", "days_overdue": 20}


def test_the_same_cause_keeps_its_key_from_day_to_day(warehouse):
    warehouse.deliver("helpdesk")
    warehouse.requests([{"status": "open_overdue", "due_date": date(2026, 8, 1), "days_overdue": 45}])
    before = findings(warehouse)[0]["finding_key"]
    warehouse.change("update outgoing.marts.fct_requests set days_overdue = 46")
    assert findings(warehouse.stand_at("2026-09-16"))[0]["finding_key"] == before


def test_a_request_may_be_wrong_in_more_than_one_way(warehouse):
    warehouse.requests(
        [LATE | {"outcome": "denied", "denial_reason": "other", "extension_status": "late", "unpermitted_pause_days": 4}]
    )
    assert {row["finding_code"] for row in findings(warehouse)} == {
        "closed_late", "denial_without_ground", "extension_late", "unpermitted_pause",
    }  # fmt: skip


def test_a_request_assessed_by_the_law_that_its_place_has_anyway_is_no_finding(warehouse):
    warehouse.requests([
        {"status": "no_deadline", "jurisdiction": "IE", "regime_code": "EU_GDPR", "regime_is_override": True},
        {"status": "no_deadline", "jurisdiction": "US-CA", "regime_code": "EU_GDPR", "regime_is_override": True},
    ])  # fmt: skip
    (row,) = findings(warehouse, "regime_override")
    assert json.loads(row["detail"]) == {"jurisdiction": "US-CA", "regime_code": "EU_GDPR", "regime_of_place": "US_CA_CCPA"}


def test_what_left_the_clock_is_on_the_list_where_more_did_than_the_pack_allows(warehouse):
    """By the whole, by right, channel or place: of access a third left, of erasure all, of the whole not more than a quarter."""
    answered = {"status": "closed_on_time", "due_date": date(2026, 3, 31), "closed_date": date(2026, 3, 20)}
    out = {"status": "excluded", "exclusion_reason": "not_a_request"}
    warehouse.requests([
        *[answered | {"right_type": "portability"}] * 5,
        *[answered | {"channel": "mail"}] * 3,
        out | {"request_id": "within"},
        out | {"request_id": "by right", "right_type": "erasure", "channel": "phone"},
    ])  # fmt: skip
    warehouse.change("update pack.control_metrics set metric_code = 'ways_out_rate', operator = '<='")
    assert [(row["entity"], row["severity"], row["control_id"]) for row in findings(warehouse, "left_the_clock")] == [
        ("requests/helpdesk/by right/erasure", "low", "CTL-TIME")
    ]
    warehouse.requests([out | {"request_id": f"more {number}", "channel": "web_form"} for number in range(2)])
    listed = {row["entity"].split("/")[2]: json.loads(row["detail"])["way_out"] for row in findings(warehouse, "left_the_clock")}
    assert set(listed) == {"within", "by right", "more 0", "more 1"}
    assert set(listed.values()) == {"not_a_request"}


def test_what_was_not_passed_on_in_time_leads_to_the_late_forwarding_or_to_the_receipt(warehouse):
    warehouse.deliver("helpdesk")
    forwarded = {"status": "excluded", "exclusion_reason": "not_controller", "role": "processor"}
    forwarded |= {"forwarding_due_date": date(2026, 3, 9)}
    warehouse.requests([
        forwarded | {"request_id": "never", "forwarding_status": "open_overdue"},
        forwarded | {"request_id": "late", "forwarding_status": "late", "forwarded_at": NOON},
        forwarded | {"request_id": "in time", "forwarding_status": "on_time"},
        forwarded | {"request_id": "still", "forwarding_status": "open_in_time"},
    ])  # fmt: skip
    warehouse.event("helpdesk", event_id="passed on", request_id="late", event_type="forwarded_to_controller", occurred_at=NOON)
    found = {
        row["entity"].split("/")[2]: (row["event_id"], json.loads(row["detail"])) for row in findings(warehouse, "not_forwarded")
    }
    assert found == {
        "never": ("e-0", {"forwarding_due_date": "2026-03-09", "forwarded_date": None}),
        "late": ("passed on", {"forwarding_due_date": "2026-03-09", "forwarded_date": "2026-04-20"}),
    }
    figure = warehouse.figure("forwarding_rate")
    assert (figure["numerator"], figure["denominator"], figure["pending_units"]) == (1, 3, 1)


def test_an_answer_recorded_long_after_its_due_date_leads_to_the_row_and_is_a_miss_at_worst(warehouse):
    warehouse.deliver("helpdesk")
    answered = {
        "status": "closed_on_time",
        "outcome": "fulfilled",
        "due_date": date(2026, 4, 30),
        "closed_date": date(2026, 4, 20),
    }
    late = {"answer_recorded_at": datetime(2026, 6, 1, 23, 30, tzinfo=UTC), "answer_recorded_late": True}
    warehouse.requests([answered, answered | late | {"request_id": "backdated"}])
    warehouse.event("helpdesk", event_id="the answer", request_id="backdated", event_type="fulfilled", occurred_at=NOON)
    (row,) = findings(warehouse)
    assert (row["finding_code"], row["control_id"], row["event_id"]) == ("answer_recorded_late", "CTL-TIME", "the answer")
    assert json.loads(row["detail"])["recorded_date"] == "2026-06-02", "local date"
    figure = warehouse.figure("deadline_adherence")
    assert (figure["value"], figure["value_worst"]) == (1.0, 0.5)


def test_a_right_for_which_the_law_of_the_place_sets_no_period_has_not_left_the_clock(warehouse):
    none = {"status": "no_deadline", "right_type": "rectification"}
    moved = none | {"regime_is_override": True, "regime_code": "BR_LGPD"}
    warehouse.requests([
        none | {"request_id": "by place", "jurisdiction": "CH", "regime_code": "CH_FADP"},
        moved | {"request_id": "place sets none", "jurisdiction": "CH"},
        moved | {"request_id": "place sets one", "jurisdiction": "IE"},
        none | {"request_id": "declared nowhere", "jurisdiction": "US-AL", "regime_code": "DECLARED"},
        {"request_id": "no rule", "status": "no_rule", "jurisdiction": "AQ", "regime_code": None},
        {"request_id": "asked lately", "status": "paused", "paused_since": date(2026, 7, 17)},
        {"request_id": "asked long ago", "status": "paused", "paused_since": date(2026, 7, 16)},
    ])  # fmt: skip
    listed = {row["entity"].split("/")[2]: json.loads(row["detail"])["way_out"] for row in findings(warehouse, "left_the_clock")}
    assert listed == {
        "place sets one": "no_deadline", "declared nowhere": "no_deadline", "no rule": "no_rule", "asked long ago": "paused",
    }  # fmt: skip


def test_a_declared_due_date_that_is_missing_is_on_the_list(warehouse):
    undated = {"status": "no_deadline", "closed_date": date(2026, 4, 20)}
    warehouse.requests([undated, undated | {"regime_code": "DECLARED"}])
    (row,) = findings(warehouse, "declared_due_missing")
    assert (row["finding_code"], row["entity"], row["severity"]) == (
        "declared_due_missing",
        "requests/helpdesk/r1/access",
        "high",
    )


def test_a_finding_counts_against_the_first_of_its_metrics_that_a_control_promises(warehouse):
    """Cases of regime DECLARED counted against nobody where only the statutory deadline was promised."""
    undated = {"status": "no_deadline", "closed_date": date(2026, 4, 20), "regime_code": "DECLARED"}
    warehouse.requests([undated])
    assert [row["control_id"] for row in findings(warehouse, "declared_due_missing")] == ["CTL-TIME"]
    warehouse.change(
        "insert into pack.control_metrics by name"
        " select 'CTL-DECLARED' as control_id, * exclude (control_id) replace ('declared_adherence' as metric_code)"
        " from pack.control_metrics where control_id = 'CTL-TIME' and metric_code = 'deadline_adherence'"
    )
    (row,) = findings(warehouse, "declared_due_missing")
    assert (row["control_id"], row["control_ids"]) == ("CTL-DECLARED", ["CTL-DECLARED"])


def test_an_event_whose_receipt_never_came_is_an_orphan(warehouse):
    warehouse.deliver("helpdesk")
    warehouse.requests([{"request_id": "known", "status": "no_deadline"}])
    for request_id, right in (("known", None), ("known", "access"), ("known", "erasure"), ("lost", None)):
        warehouse.event("helpdesk", request_id=request_id, right_type=right, event_type="acknowledged", occurred_at=NOON)
    assert [row["entity"] for row in findings(warehouse, "orphan")] == ["requests/helpdesk/known", "requests/helpdesk/lost"]


def test_an_answer_before_every_receipt_that_names_no_right_is_a_finding_and_costs_at_worst(warehouse):
    """It belonged to no right and to no missing receipt, so it was nowhere: the request stood open as if nobody had answered."""
    warehouse.deliver("helpdesk")
    received = {
        "request_id": "r",
        "received_date": date(2026, 4, 20),
        "due_date": date(2026, 5, 20),
        "closed_date": date(2026, 5, 2),
    }
    answered = {"status": "closed_on_time", "right_type": "erasure"}
    warehouse.requests([received | answered, received | answered | {"request_id": "other"}])
    for hour in (9, 10):  # received at 10:00
        at = datetime(2026, 4, 20, hour, tzinfo=UTC)
        warehouse.event("helpdesk", event_id=f"at {hour}", request_id="r", event_type="fulfilled", occurred_at=at)
    (row,) = findings(warehouse)
    assert (row["finding_code"], row["entity"], row["event_id"]) == ("event_before_receipt", "requests/helpdesk/r", "at 9")
    figure = warehouse.figure("deadline_adherence")
    assert (figure["value"], figure["value_worst"]) == (1, 0.5)


def test_rows_dated_against_the_order_of_things_are_findings(warehouse):
    warehouse.deliver("helpdesk")
    warehouse.requests([{"request_id": "known", "status": "no_deadline"}])
    landed = datetime(2026, 9, 1, tzinfo=UTC)
    for recorded, occurred in (
        (None, datetime(2026, 9, 1, 0, 6, tzinfo=UTC)),
        (datetime(2026, 4, 20, 11, 54, tzinfo=UTC), NOON),
        (datetime(2026, 4, 20, 11, 56, tzinfo=UTC), NOON),
    ):
        warehouse.event(
            "helpdesk",
            request_id="known",
            event_type="acknowledged",
            occurred_at=occurred,
            recorded_at=recorded,
            landed_at=landed,
        )
    assert [row["finding_code"] for row in findings(warehouse)] == ["future_event", "recorded_before_occurred"]


def test_every_rejected_row_and_every_silent_source_is_on_the_list(warehouse):
    warehouse.deliver("helpdesk", read=1, quarantined=1)
    warehouse.reject("helpdesk", reason="unknown_code", column_name="right_type")
    warehouse.change("update landing.sources set expect_every_seconds = 86400")
    rows = findings(warehouse)
    assert [row["finding_code"] for row in rows] == ["quarantined", "stale_source"]
    assert json.loads(rows[0]["detail"]) == {"reason": "unknown_code", "column_name": "right_type"}
    (source,) = warehouse.rows("from outgoing.marts.audit_sources")
    assert (source["freshness"], source["is_fresh"], source["unaccounted_rows"], source["refused_rows"]) == ("stale", False, 0, 1)


def test_the_waterfall_balances_by_period_and_dimension(warehouse):
    warehouse.requests([LATE, {"status": "excluded", "channel": "mail"}, {"status": "paused", "received_date": date(2026, 5, 1)}])
    rows = warehouse.rows("from outgoing.marts.rpt_waterfall where period_grain = 'month' and dimension = 'channel' order by all")
    assert [(row["period_start"].month, row["dimension_value"], row["received"], row["balance"]) for row in rows] == [
        (3, "email", 1, 0), (3, "mail", 1, 0), (5, "email", 1, 0),
    ]  # fmt: skip


def test_ids_that_hold_what_joined_the_parts_of_a_key_still_give_two_keys(warehouse):
    """Two findings of one key fail the test on that key, and no delivery can take them back."""
    warehouse.deliver("helpdesk")
    for request_id, event_id in (("x", "y|helpdesk/z"), ("x|helpdesk/y", "z")):
        warehouse.event("helpdesk", request_id=request_id, event_id=event_id, event_type="acknowledged", occurred_at=NOON)
    assert len({row["finding_key"] for row in findings(warehouse, "orphan")}) == 2
