"""From figures to verdicts: the first line of the table that applies, and its reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from metrics_warehouse import LANDED_AT, Warehouse

pytestmark = pytest.mark.slow

ON_TIME = {"status": "closed_on_time", "outcome": "fulfilled", "due_date": date(2026, 3, 31), "closed_date": date(2026, 3, 20)}
LATE = ON_TIME | {"status": "closed_late", "closed_date": date(2026, 4, 20)}
OPEN = {"status": "open_in_time", "due_date": date(2026, 9, 30), "received_date": date(2026, 9, 1)}


def verdict(warehouse: Warehouse, control: str = "CTL-TIME") -> dict[str, Any]:
    (row,) = warehouse.rows(
        "from outgoing.marts.fct_control_results where control_id = ? and period_grain = 'to_date'", [control]
    )
    return row


def with_requests(warehouse: Warehouse, *requests: dict[str, Any], rows: int = 100_000) -> Warehouse:
    warehouse.deliver("helpdesk", read=rows, landed=rows, source_rows=rows, mapped=rows)
    warehouse.requests(requests)
    return warehouse


def promise_none(warehouse: Warehouse, metric_code: str) -> None:
    """One more target of CTL-TIME: not a single case."""
    target = {"dimension": "all", "dimension_value": "all", "operator": "=", "target": 0}
    warehouse.insert("pack.control_metrics", [{"control_id": "CTL-TIME", "metric_code": metric_code} | target])


def test_a_target_reached_without_an_exception_is_met(warehouse):
    assert verdict(with_requests(warehouse, ON_TIME))["status"] == "met"


def test_a_target_reached_with_exceptions_states_their_number(warehouse):
    row = verdict(with_requests(warehouse, ON_TIME, ON_TIME, LATE))
    assert (row["status"], row["breaches"], row["reason"]) == ("met_within_tolerance", 1, "kept within tolerance, 1 exception")


def test_a_target_not_reached_is_missed(warehouse):
    assert verdict(with_requests(warehouse, ON_TIME, LATE, LATE))["status"] == "missed"


def test_a_target_reached_only_by_the_main_reading_is_no_plain_met(warehouse):
    row = verdict(with_requests(warehouse, ON_TIME | {"strict_status": "closed_late"}))
    assert (row["status"], row["reason"]) == ("met_on_main_reading", "not by the strict interpretation")


def test_a_request_closed_while_the_clock_stood_still_is_missed_at_worst(warehouse):
    row = verdict(with_requests(warehouse, ON_TIME | {"closed_while_paused": True, "due_date": None}))
    assert (row["value"], row["value_worst"], row["status"]) == (1.0, 0.0, "met_on_main_reading")


def test_what_left_the_population_after_its_due_date_is_missed_at_worst(warehouse):
    left = {
        "status": "excluded",
        "exclusion_reason": "withdrawn",
        "due_date": date(2026, 3, 31),
        "withdrawn_overdue": True,
        "left_overdue": True,
    }
    row = verdict(with_requests(warehouse, ON_TIME, left))
    assert (row["value"], row["value_worst"]) == (1.0, 0.5)


def test_without_the_log_nothing_is_missed(warehouse):
    row = verdict(warehouse)
    assert (row["status"], row["reason"]) == ("insufficient_evidence", "no log: requests")


def test_a_log_that_failed_its_source_gate_is_no_evidence(warehouse):
    warehouse.insert(
        "run.source_verdicts", [{"log": "requests", "suite": "requests", "verdict": "failed", "declared": 1, "passed": 0}]
    )
    row = verdict(with_requests(warehouse, ON_TIME))
    assert (row["status"], row["quality_verdict"]) == ("insufficient_evidence", "failed")
    assert row["value"] == 1.0


def test_a_mart_whose_rows_break_a_property_is_no_evidence_and_the_figure_stays(warehouse):
    broken = {"mart": "fct_requests", "test": "assert_states", "failing_rows": 2, "remedy": "Correct them."}
    elsewhere = broken | {"mart": "fct_records", "affects": ["fct_erasures", "fct_records"]}
    warehouse.insert("run.broken_properties", [broken | {"affects": ["fct_erasures", "fct_requests"]}, elsewhere])
    row = verdict(with_requests(warehouse, ON_TIME))
    assert (row["status"], row["value"]) == ("insufficient_evidence", 1.0)
    assert row["reason"] == "fct_requests: 2 rows break assert_states. Correct them."


def test_a_source_that_fell_silent_is_no_evidence(warehouse):
    with_requests(warehouse, ON_TIME)
    warehouse.change("update landing.sources set expect_every_seconds = 86400, expect_grace_seconds = 3600")
    row = verdict(warehouse)
    assert (row["status"], row["reason"]) == ("insufficient_evidence", "stale: helpdesk")


@pytest.mark.parametrize(("operator", "target", "status"), [(">=", 0.5, "met"), ("=", 1.0, "insufficient_evidence")])
def test_a_rejected_row_is_tolerated_below_the_threshold_but_not_under_an_exact_target(warehouse, operator, target, status):
    warehouse.change("update pack.control_metrics set operator = ?, target = ?", [operator, target])
    with_requests(
        warehouse, *[ON_TIME] * 3, LATE | {"request_id": "other", "status": "closed_on_time", "closed_date": date(2026, 3, 20)}
    )
    warehouse.reject(
        "helpdesk", request_id="r0", right_type="access", event_type="acknowledged", occurred_at=datetime(2026, 3, 3, tzinfo=UTC)
    )
    row = verdict(warehouse)
    assert row["status"] == ("met" if status == "met" else status)
    assert row["value_worst"] == 0.75


def reject_file(warehouse: Warehouse, **columns: Any) -> None:
    """A file of the help desk that could not be read; others have landed since."""
    file = {"source": "helpdesk", "log": "requests", "sha256": "0" * 64, "reason": "broken_gzip", "is_replaced": False}
    warehouse.insert("landing.held_back", [file | {"landed_at": LANDED_AT - timedelta(days=9)} | columns])


@pytest.mark.parametrize("seen", [[ON_TIME], [ON_TIME, ON_TIME, LATE], [ON_TIME | {"strict_status": "closed_late"}]])
def test_with_a_file_that_nobody_could_read_no_promise_is_kept_in_the_worst_case(warehouse, seen):
    """Once the next file had landed a promise was kept again, whatever stood in the one that had been rejected."""
    with_requests(warehouse, *seen)
    reject_file(warehouse)
    row = verdict(warehouse)
    assert row["status"] == "met_on_main_reading"
    assert row["reason"].endswith("; 1 file was rejected and never read")
    reject_file(warehouse)
    assert verdict(warehouse)["reason"].endswith("; 2 files were rejected and never read")


def test_a_file_that_nobody_could_read_hides_no_missed_promise(warehouse):
    with_requests(warehouse, ON_TIME, LATE, LATE)
    reject_file(warehouse)
    assert verdict(warehouse)["status"] == "missed"


def test_a_rejected_file_of_which_another_came_in_its_place_or_of_another_log_is_no_doubt(warehouse):
    with_requests(warehouse, ON_TIME)
    reject_file(warehouse, is_replaced=True)
    reject_file(warehouse, source="crm", log="consents")
    assert verdict(warehouse)["status"] == "met"


def count_elsewhere(warehouse: Warehouse, day: date, stated: int, source: str = "helpdesk") -> None:
    """A control total of a source of which no event has landed that day."""
    warehouse.insert("landing.control_totals", [{"source": source, "day": day, "stated": stated, "landed_at": LANDED_AT}])


def leave_out_numbers(warehouse: Warehouse, missing: int) -> None:
    """So many numbers of the help desk's sequence never came."""
    warehouse.change("update landing.sources set sequence_column = 'ticket'")
    warehouse.insert("landing.sequence_gaps", [{"source": "helpdesk", "missing": missing, "landed_at": LANDED_AT}])


@pytest.mark.parametrize("target", [0.5, 1.0])
def test_events_that_somebody_else_counted_and_that_never_came_are_missed_in_the_worst_case(warehouse, target):
    """They were a finding that no verdict knew of: the promise was kept, whatever had not come."""
    warehouse.change("update pack.control_metrics set operator = ?, target = ?", ["=" if target == 1 else ">=", target])
    with_requests(warehouse, ON_TIME, ON_TIME)
    count_elsewhere(warehouse, date(2026, 3, 1), 3)
    row = verdict(warehouse)
    assert (row["value"], row["value_worst"], row["status"]) == (1.0, 0.4, "met_on_main_reading")
    assert row["reason"] == "not in the worst case; 3 events are missing by an independent record count or a sequence"


def test_missing_events_that_can_not_turn_the_promise_leave_it_kept(warehouse):
    with_requests(warehouse, ON_TIME, ON_TIME)
    count_elsewhere(warehouse, date(2026, 3, 1), 2)
    row = verdict(warehouse)
    assert (row["value_worst"], row["status"], row["reason"]) == (0.5, "met", None)


def test_a_number_that_a_sequence_lacks_and_an_event_that_a_control_total_lacks_may_be_the_same(warehouse):
    with_requests(warehouse, ON_TIME, ON_TIME)
    count_elsewhere(warehouse, date(2026, 3, 1), 2)
    leave_out_numbers(warehouse, 2)
    assert verdict(warehouse)["status"] == "met"
    leave_out_numbers(warehouse, 1)
    row = verdict(warehouse)
    assert row["reason"] == "not in the worst case; 3 events are missing by an independent record count or a sequence"


def test_an_event_that_is_missing_because_it_was_rejected_counts_once(warehouse):
    with_requests(warehouse, ON_TIME, ON_TIME)
    warehouse.reject("helpdesk", request_id="r9", event_type="received", occurred_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    count_elsewhere(warehouse, date(2026, 3, 1), 1)
    row = verdict(warehouse)
    assert (row["unjudged_units"], row["status"]) == (1, "met")


def test_missing_events_hide_no_missed_promise_and_are_none_of_another_log(warehouse):
    with_requests(warehouse, ON_TIME, LATE, LATE)
    count_elsewhere(warehouse, date(2026, 3, 1), 9)
    assert verdict(warehouse)["status"] == "missed"
    warehouse.change("update landing.sources set log = 'consents'")
    warehouse.change("delete from outgoing.marts.fct_requests where status = 'closed_late'")
    warehouse.deliver("desk", read=100_000, landed=100_000, source_rows=100_000, mapped=100_000)
    assert verdict(warehouse)["status"] == "met"


def test_a_missing_event_of_any_log_behind_an_exact_promise_may_have_broken_it(warehouse):
    """A request that never came may have been the stop that an act disregards; it is no unit of the figure of such acts."""
    warehouse.insert(
        "pack.control_metrics",
        [
            {"control_id": "CTL-TIME", "metric_code": "processing_after_stop", "dimension": "right_type"}
            | {"dimension_value": "objection", "operator": "=", "target": 0}
        ],
    )
    with_requests(warehouse, ON_TIME, ON_TIME)
    warehouse.deliver("app", log="processing", read=1, landed=1, source_rows=1, mapped=1)
    warehouse.change("update landing.sources set expect_every_seconds = 86400 * 9999")
    asked = "from outgoing.marts.fct_control_results where metric_code = 'processing_after_stop' and period_grain = 'to_date'"
    assert [row["status"] for row in warehouse.rows(asked)] == ["not_applicable"]
    count_elsewhere(warehouse, date(2026, 3, 1), 1)
    (row,) = warehouse.rows(asked)
    assert (row["status"], row["unjudged_units"]) == ("insufficient_evidence", 0)
    assert row["reason"].endswith(" at risk, and 1 event is missing by an independent record count or a sequence")


def test_where_all_that_is_known_is_that_events_are_missing_a_promise_is_not_evidenced(warehouse):
    warehouse.deliver("helpdesk")
    warehouse.change("update landing.sources set expect_every_seconds = 86400 * 9999")
    assert verdict(warehouse)["status"] == "not_applicable"
    count_elsewhere(warehouse, date(2026, 3, 1), 2)
    row = verdict(warehouse)
    assert (row["status"], row["reason"]) == ("insufficient_evidence", "no case that can be assessed: 2 that can't")


def test_many_rejected_rows_are_no_evidence(warehouse):
    with_requests(warehouse, *[ON_TIME] * 3, rows=100)
    warehouse.reject(
        "helpdesk", request_id="r0", right_type="access", event_type="acknowledged", occurred_at=datetime(2026, 3, 3, tzinfo=UTC)
    )
    assert verdict(warehouse)["reason"] == "refused rows: 1 of 100 read"


def test_rejected_rows_that_are_too_many_are_counted_also_where_none_belongs_to_the_period(warehouse):
    with_requests(warehouse, *[ON_TIME] * 3, rows=100)
    warehouse.reject("helpdesk", request_id="r9", event_type="acknowledged", occurred_at=datetime(2026, 8, 3, tzinfo=UTC))
    rows = warehouse.rows(
        "from outgoing.marts.fct_control_results where metric_code = 'deadline_adherence' and period_start = '2026-03-01'"
    )
    assert {row["reason"] for row in rows} == {"refused rows: 1 of 100 read"}


def test_a_verdict_that_hangs_on_a_rule_of_low_confidence_is_no_verdict(warehouse):
    row = verdict(with_requests(warehouse, ON_TIME | {"rule_confidence": "low"}, LATE))
    assert (row["status"], row["reason"]) == ("insufficient_evidence", "a rule of low confidence decides: 1 of 2 cases")


def test_a_rule_of_low_confidence_that_decides_nothing_leaves_the_verdict(warehouse):
    row = verdict(with_requests(warehouse, ON_TIME | {"rule_confidence": "low"}, ON_TIME, ON_TIME))
    assert (row["status"], row["rule_confidence"]) == ("met", "low")


LEFT = {"status": "excluded", "exclusion_reason": "not_a_request"}


def test_an_adherence_of_what_mostly_left_the_clock_is_no_evidence(warehouse):
    """Forty of forty-two requests were excluded as "not a request", and the other two were answered in time."""
    row = verdict(with_requests(warehouse, ON_TIME, ON_TIME, *[LEFT] * 40))
    assert (row["status"], row["value"], row["reason"]) == ("insufficient_evidence", 1.0, "40 of 42 were excluded or paused")


def test_the_ceiling_is_the_packs_and_a_share_that_reaches_it_is_not_above_it(warehouse):
    assert verdict(with_requests(warehouse, *[ON_TIME] * 3, LEFT))["status"] == "met"
    row = verdict(with_requests(warehouse, LEFT | {"request_id": "another"}))
    assert (row["status"], row["reason"]) == ("insufficient_evidence", "2 of 5 were excluded or paused")
    warehouse.change("update pack.settings set ways_out_ceiling = 0.4")
    assert verdict(warehouse)["status"] == "met"


def test_what_left_the_clock_by_one_channel_leaves_the_adherence_of_another(warehouse):
    warehouse.change("update pack.control_metrics set dimension = 'channel', dimension_value = 'mail'")
    with_requests(warehouse, *[ON_TIME | {"channel": "mail"}] * 3, ON_TIME, *[LEFT] * 5)
    assert verdict(warehouse)["status"] == "met"
    warehouse.requests([LEFT | {"request_id": f"mail{number}", "channel": "mail"} for number in range(2)])
    assert verdict(warehouse)["reason"] == "2 of 5 were excluded or paused"


def test_a_control_without_an_adherence_ignores_excluded_or_paused_requests(warehouse):
    warehouse.change("update pack.control_metrics set metric_code = 'denial_rate', operator = '<='")
    assert verdict(with_requests(warehouse, ON_TIME, *[LEFT] * 5))["status"] == "met"


@pytest.mark.parametrize(
    ("review", "kept"),
    [
        ({"valid_from": date(2026, 3, 1), "valid_to": date(2026, 4, 1)}, "month 2026-03-01"),
        ({"valid_from": date(2026, 3, 2), "valid_to": date(2026, 4, 1)}, ""),
        ({"valid_from": date(2026, 3, 1), "valid_to": date(2026, 3, 31)}, ""),
        ({"valid_from": date(2026, 3, 1), "valid_to": date(2026, 9, 16)}, "month 2026-03-01, to_date None"),
        ({"valid_to": date(2026, 7, 1)}, "month 2026-03-01, quarter 2026-01-01"),
        ({"valid_to": date(2027, 7, 1), "assessed_on": date(2026, 9, 16)}, ""),
        ({"valid_to": date(2027, 7, 1), "control_id": "CTL-HAND"}, ""),
    ],
    ids=["the month", "a day too late", "a day too short", "to date", "from the beginning", "not made yet", "of another control"],
)
def test_a_review_counts_for_the_periods_that_it_covers_whole(warehouse, review, kept):
    attestation = {"control_id": "CTL-TIME", "result": "justified", "assessor_role": "auditor", "assessed_on": date(2026, 9, 10)}
    warehouse.insert("pack.attestations", [attestation | review])
    with_requests(warehouse, ON_TIME | {"received_date": date(2026, 3, 1)}, LEFT)
    rows = warehouse.rows(
        "from outgoing.marts.fct_control_results where control_id = 'CTL-TIME' and denominator = 1"
        " order by period_grain, period_start"
    )
    assert {row["reason"] for row in rows if row["status"] != "met"} <= {"1 of 2 were excluded or paused"}
    met = [row for row in rows if row["status"] == "met"]
    assert {row["reason"] for row in met} <= {"1 of 2 were excluded or paused, reviewed by auditor on 2026-09-10: justified"}
    assert ", ".join(f"{row['period_grain']} {row['period_start']}" for row in met) == kept
    assert {(row["attestation_result"], row["attested_by"]) for row in met} <= {("justified", "auditor")}


def test_before_anything_falls_due_there_is_no_verdict_yet(warehouse):
    assert verdict(with_requests(warehouse, OPEN))["status"] == "not_yet_due"


def test_declared_due_dates_that_are_missing_beyond_the_threshold_are_no_evidence(warehouse):
    warehouse.change("update pack.control_metrics set metric_code = 'declared_adherence'")
    warehouse.change("update run.run_instants set refused_rows = 0.25")
    declared = ON_TIME | {"regime_code": "DECLARED"}
    undated = declared | {"status": "no_deadline", "due_date": None}
    row = verdict(with_requests(warehouse, declared, declared, declared, undated))
    assert (row["status"], row["value_worst"]) == ("met", 0.75)
    row = verdict(with_requests(warehouse, undated | {"request_id": "another"}))
    assert (row["status"], row["reason"]) == (
        "insufficient_evidence", "no declared due date: 2 of 5 cases; 2 of 5 were excluded or paused",
    )  # fmt: skip


def test_no_case_is_no_evidence_unless_each_expected_delivery_came(warehouse):
    row = verdict(with_requests(warehouse, {"status": "no_deadline"}))
    assert (row["status"], row["reason"]) == ("insufficient_evidence", "no case, and no delivery shows that nothing happened")


def test_a_control_that_nothing_could_break_states_that_nothing_was_at_risk(warehouse):
    """A count of zero was once kept because nobody was at risk."""
    warehouse.change("update pack.control_metrics set metric_code = 'denial_without_ground_count', operator = '=', target = 0")
    row = verdict(with_requests(warehouse, OPEN))
    assert (row["status"], row["units"]) == ("insufficient_evidence", 0)
    assert row["reason"] == "no requests at risk, and no delivery shows that nothing happened"


def test_no_case_after_every_expected_delivery_is_not_applicable(warehouse):
    for day in range(20):
        warehouse.deliver("helpdesk", at=LANDED_AT + timedelta(days=day) - timedelta(days=5))
    warehouse.change("update landing.sources set expect_every_seconds = 86400, expect_grace_seconds = 3600")
    assert verdict(warehouse)["status"] == "not_applicable"


def test_one_missing_delivery_ends_the_evidence_of_silence(warehouse):
    for day in (*range(10), *range(11, 20)):
        warehouse.deliver("helpdesk", at=LANDED_AT + timedelta(days=day) - timedelta(days=5))
    warehouse.change("update landing.sources set expect_every_seconds = 86400, expect_grace_seconds = 3600")
    assert verdict(warehouse)["status"] == "insufficient_evidence"


def test_an_attestation_stands_until_it_expires(warehouse):
    stands = {"assessed_on": date(2026, 1, 10), "valid_to": date(2026, 8, 1)}
    warehouse.insert("pack.attestations", [{"control_id": "CTL-HAND", "result": "kept", "assessor_role": "auditor"} | stands])
    with_requests(warehouse, ON_TIME)
    by_month = {
        row["period_start"]: row["status"]
        for row in warehouse.rows(
            "from outgoing.marts.fct_control_status where control_id = 'CTL-HAND' and period_grain = 'month'"
        )
    }
    assert by_month[date(2026, 3, 1)] == "manual"
    assert by_month[date(2026, 8, 1)] == "insufficient_evidence"
    assert verdict(warehouse, "CTL-HAND")["reason"] == "the attestation expired on 2026-08-01"


def test_an_attestation_of_the_log_is_evidence_for_what_people_assess_by_hand_until_its_last_day(warehouse):
    attested = {
        "namespace": "office", "source": "office", "event_id": "a1", "revision": 0, "collides": False, "batch_id": "b-0001",
        "row_number": 1, "landed_at": LANDED_AT, "subject_key": "dana", "event_type": "attested", "role": "auditor",
        "control_id": "CTL-HAND", "result": "kept", "occurred_at": datetime(2026, 1, 10, 12, tzinfo=UTC),
    }  # fmt: skip
    later = {"event_id": "a2", "result": "not kept", "occurred_at": datetime(2026, 7, 10, 12, tzinfo=UTC)}
    withdrawn = {"event_id": "a3", "event_type": "withdrawn", "withdrawn_event_id": "a2"}
    rows = [attested | {"valid_until": date(2026, 7, 31)}, attested | {"valid_until": date(2026, 12, 31)} | later]
    warehouse.insert("landing.remediations", [*rows, attested | later | withdrawn | {"result": None, "control_id": None}])
    with_requests(warehouse, ON_TIME)
    query = "from outgoing.marts.fct_control_status where control_id = 'CTL-HAND' and period_grain = 'month'"
    by_month = {row["period_start"]: row["status"] for row in warehouse.rows(query)}
    assert (by_month[date(2026, 3, 1)], by_month[date(2026, 8, 1)]) == ("manual", "insufficient_evidence")
    assert verdict(warehouse, "CTL-HAND")["reason"] == "the attestation expired on 2026-08-01"


def test_an_organisation_that_denied_nobody_has_kept_no_promise_about_grounds(warehouse):
    """Of a count the cases are those at risk: here the denials."""
    warehouse.change("delete from pack.control_metrics")
    promise_none(warehouse, "denial_without_ground_count")
    row = verdict(with_requests(warehouse, ON_TIME, ON_TIME))
    assert (row["status"], row["units"]) == ("insufficient_evidence", 0)
    denied = ON_TIME | {"request_id": "denied", "outcome": "denied", "denial_reason": "exempt"}
    row = verdict(with_requests(warehouse, denied))
    assert (row["status"], row["units"], row["breaches"]) == ("met", 1, 0)


def test_a_change_of_the_policy_whose_audience_nobody_states_is_no_evidence(warehouse):
    """It is not one person who was not notified: in neither number, and no verdict in any period that holds it."""
    warehouse.change("update pack.control_metrics set metric_code = 'policy_change_notice_coverage'")
    warehouse.deliver("site", log="policies", read=100, landed=100, source_rows=100, mapped=100)
    changes = [("v1", date(2026, 3, 1), 100, 100), ("v2", date(2026, 4, 1), 400, 0), ("v3", date(2026, 5, 1), None, 0)]
    warehouse.fill(
        "outgoing.marts.fct_policy_versions",
        [
            {"policy_version_key": f"site/{version}", "namespace": "site", "policy_version": version, "source": "site",
             "effective_at": effective, "effective_date": effective, "audience_size": audience, "notified_count": notified,
             "notified_before_effective_count": notified, "in_force": False, "event_id": version, "batch_id": "b-0001",
             "row_number": 1}
            for version, effective, audience, notified in changes
        ],
    )  # fmt: skip
    rows = warehouse.rows(
        "from outgoing.marts.fct_control_results where metric_code = 'policy_change_notice_coverage' and denominator > 0"
        " or reason like 'no audience%' order by period_grain, period_start"
    )
    found = {
        (row["period_grain"], row["period_start"] and row["period_start"].month): (
            row["status"],
            row["numerator"],
            row["denominator"],
        )
        for row in rows
    }
    assert found == {
        ("month", 3): ("met", 100, 100),
        ("month", 4): ("missed", 0, 400),
        ("month", 5): ("insufficient_evidence", 0, 0),
        ("quarter", 1): ("met", 100, 100),
        ("quarter", 4): ("insufficient_evidence", 0, 400),
        ("year", 1): ("insufficient_evidence", 100, 500),
        ("to_date", None): ("insufficient_evidence", 100, 500),
    }
    assert {row["reason"] for row in rows if row["status"] == "insufficient_evidence"} == {
        "no audience stated: 1 change of the policy"
    }


def test_a_control_is_as_good_as_its_worst_metric(warehouse):
    promise_none(warehouse, "overdue_open")
    overdue = {"status": "open_overdue", "due_date": date(2026, 3, 31), "days_overdue": 100}
    with_requests(warehouse, ON_TIME, overdue)
    (row,) = warehouse.rows("from outgoing.marts.fct_control_status where control_id = 'CTL-TIME' and period_grain = 'to_date'")
    assert (row["status"], row["metric_code"]) == ("missed", "overdue_open")
    assert warehouse.figure("overdue_open")["value"] == 1


def test_a_target_holds_from_the_day_it_is_in_force(warehouse):
    warehouse.change("update pack.control_metrics set valid_from = date '2026-07-01'")
    with_requests(warehouse, ON_TIME)
    months = warehouse.rows(
        "select period_start from outgoing.marts.fct_control_results"
        " where metric_code is not null and period_grain = 'month' order by 1"
    )
    assert months[0]["period_start"] == date(2026, 7, 1)


@pytest.mark.parametrize("late", [2, 1], ids=["missed", "kept"])
def test_an_exception_never_turns_missed_into_kept(warehouse, late):
    """Nor anything into anything else: every row of both marts is what it is without the register."""

    def verdicts() -> list[dict[str, Any]]:
        return [
            row
            for mart in ("fct_control_results", "fct_control_status")
            for row in warehouse.rows(f"from outgoing.marts.{mart} order by all")
        ]

    with_requests(warehouse, ON_TIME, *[LATE] * late)
    before = verdicts()
    for control in ("CTL-TIME", "CTL-HAND"):
        exception = {"exception_id": f"EX-{control}", "control_id": control, "reason": "everything", "approved_by": "DPO"}
        warehouse.insert("pack.exceptions", [exception | {"valid_from": date(2018, 1, 1), "valid_to": date(2099, 1, 1)}])
    assert verdicts() == before
    assert verdict(warehouse)["status"] == ("missed" if late == 2 else "met_within_tolerance")
