"""Every figure of the requests log, compared with plain Python over many small worlds at once.

Each generated world is a source of its own, so that one build computes them all and the dimension `source` separates them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from metrics_warehouse import Warehouse
from oracle import AT_RISK, COUNTS, RATES, STATISTICS, TODAY, by_period, cannot_be_assessed

pytestmark = pytest.mark.slow

FIRST = date(2026, 1, 20)
STATUSES = ("excluded", "no_rule", "no_deadline", "closed_on_time", "closed_late", "paused", "open_in_time", "open_overdue")
ANSWERED = {
    "status": "closed_on_time", "received_date": date(2026, 1, 25), "due_date": date(2026, 2, 20),
    "closed_date": date(2026, 2, 10),
}  # fmt: skip
BLANK = {"closed_date": None, "due_date": None, "outcome": None, "denial_reason": None, "days_to_close": None, "days_open": None}
BLANK |= {"ack_status": None, "ack_due_date": None, "left_date": None}


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """A row of fct_requests whose parts agree as far as the metrics look at them together."""
    received = FIRST + timedelta(days=draw(st.integers(0, 230)))
    status = draw(st.sampled_from(STATUSES))
    is_open = status in {"paused", "open_in_time", "open_overdue"} or (
        status in {"no_rule", "no_deadline"} and draw(st.booleans())
    )
    ends = received + timedelta(days=draw(st.integers(-20, (TODAY - received).days)))
    has_due_date = status not in {"no_rule", "no_deadline", "paused"}
    strict = {"closed_on_time": ("closed_on_time", "closed_late"), "open_in_time": ("open_in_time", "open_overdue")}
    return BLANK | {
        "received_date": received,
        "status": status,
        "strict_status": draw(st.sampled_from(strict.get(status, (status,)))),
        "regime_code": draw(st.sampled_from(("EU_GDPR", "UK_GDPR", "DECLARED"))) if status != "no_rule" else "EU_GDPR",
        "channel": draw(st.sampled_from(("email", "mail"))),
        "right_type": draw(st.sampled_from(("access", "erasure"))),
        "extension_status": draw(st.sampled_from(("none", "valid", "late", "not_permitted", "revoked"))),
        "due_date": received + timedelta(days=draw(st.integers(1, 120))) if has_due_date else None,
        "closed_while_paused": status == "closed_on_time" and draw(st.booleans()),
        "answer_recorded_late": status == "closed_on_time" and draw(st.booleans()),
        "left_overdue": status == "excluded" and draw(st.booleans()),
        "ack_status": draw(st.sampled_from((None, "on_time", "late", "open_in_time", "open_overdue"))),
        "ack_due_date": received + timedelta(days=10),
        "left_date": received + timedelta(days=draw(st.sampled_from((5, 15)))) if status == "excluded" else None,
        "forwarding_status": draw(st.sampled_from((None, "on_time", "late", "open_in_time", "open_overdue"))),
        "paused_since": TODAY - timedelta(days=draw(st.sampled_from((1, 60, 61, 90)))) if status == "paused" else None,
        "regime_is_override": status == "no_deadline" and draw(st.booleans()),
        "jurisdiction": "US-CA" if status == "no_deadline" and draw(st.booleans()) else "IE",
        "rule_confidence": None if status == "no_rule" else draw(st.sampled_from(("high", "medium", "low"))),
    } | (
        {"days_open": (TODAY - received).days} if is_open
        else {} if status == "excluded" and draw(st.booleans())
        else {
            "closed_date": ends,
            "days_to_close": (ends - received).days,
            "outcome": (outcome := draw(st.sampled_from(("fulfilled", "partially_fulfilled", "denied")))),
            "denial_reason": draw(st.sampled_from(("exempt", "no_data", "other", None))) if outcome == "denied" else None,
        }
    )  # fmt: skip


WORLDS = st.lists(st.lists(requests(), min_size=1, max_size=12), min_size=25, max_size=25)


def near(computed: float | None, expected: Fraction | None) -> bool:
    if computed is None or expected is None:
        return computed is None and expected is None
    return abs(computed - float(expected)) < 1e-9


@given(worlds=WORLDS)
@settings(max_examples=4, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_figure_equals_plain_python(empty_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory, worlds):
    warehouse = empty_warehouse.copy(tmp_path_factory.mktemp("figures"))
    rows = [
        row | {"source": f"s{number}", "namespace": f"s{number}", "request_id": f"r{position}"}
        for number, world in enumerate(worlds)
        for position, row in enumerate(world)
    ]
    warehouse.requests(rows)
    computed = {
        (row["metric_code"], row["dimension_value"], row["period_grain"], row["period_start"]): row
        for row in warehouse.rows("from outgoing.marts.fct_metrics where dimension = 'source'")
    }
    for number in range(len(worlds)):
        source = f"s{number}"
        own = [BLANK | {"strict_status": row["status"]} | row for row in rows if row["source"] == source]
        for code, rate in RATES.items():
            for (grain, start), held in by_period(own, rate.placed, TODAY).items():
                numerator, denominator, value, worst = rate.figures(held)
                row = computed.get((code, source, grain, start))
                if not any(rate.speaks_of(one) for one in held):
                    assert row is None or row["units"] == 0, (code, source, grain, start)
                    continue
                assert row is not None, (code, source, grain, start)
                assert (row["numerator"], row["denominator"]) == (numerator, denominator), (code, source, grain, start, held)
                assert near(row["value"], value), (code, source, grain, start)
                # What has neither a due nor a closing date counts in every month since it came.
                is_anywhere = grain != "to_date" and any(cannot_be_assessed(one) and not one["closed_date"] for one in own)
                if not any(one["status"] == "no_rule" for one in own) and not (code == "declared_adherence" and is_anywhere):
                    assert near(row["value_worst"], worst), (code, source, grain, start, row, held)
        for code, (placed, counts) in COUNTS.items():
            for (grain, start), held in by_period(own, placed, TODAY).items():
                row = computed.get((code, source, grain, start))
                assert (row["value"] if row else 0) == sum(map(counts, held)), (code, source, grain, start)
                if code in AT_RISK:
                    assert (row["units"] if row else 0) == sum(map(AT_RISK[code], held)), (code, source, grain, start)
        for code, (placed, statistic) in STATISTICS.items():
            for (grain, start), held in by_period(own, placed, TODAY).items():
                row = computed.get((code, source, grain, start))
                assert near(row["value"] if row else None, statistic(held)), (code, source, grain, start, held)


def test_a_request_without_a_rule_is_missed_at_worst_in_every_month_since_it_came(warehouse):
    warehouse.requests([
        ANSWERED,
        ANSWERED | {"received_date": date(2026, 5, 25), "due_date": date(2026, 6, 20), "closed_date": date(2026, 6, 10)},
        {"status": "no_rule", "received_date": date(2026, 4, 2)},
    ])  # fmt: skip
    worst = {
        month: warehouse.figure("deadline_adherence", period_start=date(2026, month, 1))["value_worst"] for month in (2, 4, 6)
    }
    assert worst == {2: 1.0, 4: 0.0, 6: 0.5}
    assert warehouse.figure("deadline_adherence")["value_worst"] == pytest.approx(2 / 3)


def test_a_request_whose_declared_due_date_is_missing_is_missed_at_worst(warehouse):
    declared = ANSWERED | {"regime_code": "DECLARED"}
    undated = declared | {"status": "no_deadline", "due_date": None}
    warehouse.requests([declared, undated, undated | {"closed_date": None, "received_date": date(2026, 4, 2)}])
    by_month = {
        month: warehouse.figure("declared_adherence", period_start=date(2026, month, 1))["worst_denominator"]
        for month in (2, 4, 5)
    }
    assert by_month == {2: 2, 4: 1, 5: 1}
    figure = warehouse.figure("declared_adherence")
    assert (figure["value"], figure["value_worst"]) == (1.0, pytest.approx(1 / 3))
    assert warehouse.figure("max_achievable_adherence")["value_worst"] == pytest.approx(1 / 3)


def test_a_request_that_left_is_out_of_the_acknowledgements_and_missed_at_worst_where_it_left_after_their_date(warehouse):
    asked = {"received_date": date(2026, 2, 1), "ack_due_date": date(2026, 2, 12)}
    left = asked | {"status": "excluded", "exclusion_reason": "duplicate", "ack_status": "open_overdue"}
    warehouse.requests([
        asked | {"ack_status": "on_time"},
        left | {"left_date": date(2026, 2, 12)},
        left | {"left_date": date(2026, 2, 13)},
    ])  # fmt: skip
    figure = warehouse.figure("acknowledgement_adherence")
    assert (figure["numerator"], figure["denominator"], figure["value_worst"]) == (1, 1, 0.5)


def test_an_orphan_counts_against_every_right_and_its_own_source_in_every_period(warehouse):
    closed = {
        "status": "closed_on_time",
        "due_date": date(2026, 2, 20),
        "closed_date": date(2026, 2, 10),
        "received_date": date(2026, 1, 25),
    }
    warehouse.deliver("helpdesk")
    warehouse.requests([closed, closed | {"right_type": "erasure"}])
    warehouse.event("helpdesk", request_id="lost", event_type="fulfilled", occurred_at=datetime(2026, 5, 5, 12, tzinfo=UTC))
    for value in ("all", "access", "erasure", "helpdesk"):
        figure = warehouse.figure("deadline_adherence", value, date(2026, 2, 1))
        assert figure["worst_denominator"] == figure["denominator"] + 1, value
        assert figure["unjudged_units"] == 1


def test_a_rejected_receipt_counts_in_the_month_it_came_and_for_due_dates_in_every_month_since(warehouse):
    warehouse.deliver("helpdesk")
    warehouse.requests(
        [
            {
                "received_date": date(2026, month, 10),
                "due_date": date(2026, month + 1, 10),
                "closed_date": date(2026, month, 20),
                "status": "closed_on_time",
            }
            for month in range(1, 8)
        ]
    )
    warehouse.reject(
        "helpdesk",
        request_id="bad",
        right_type="nonsense",
        channel="mail",
        event_type="received",
        occurred_at=datetime(2026, 4, 15, 12, tzinfo=UTC),
    )

    def undetermined(code: str, value: str = "all") -> dict[int, int]:
        return {month: warehouse.figure(code, value, date(2026, month, 1))["unjudged_units"] for month in (3, 4, 5)}

    assert undetermined("max_achievable_adherence") == {3: 0, 4: 1, 5: 0}
    assert undetermined("deadline_adherence") == {3: 0, 4: 1, 5: 1}
    assert undetermined("deadline_adherence", "access") == {3: 0, 4: 1, 5: 1}
    assert undetermined("deadline_adherence", "email") == {3: 0, 4: 0, 5: 0}


def test_a_rejected_row_of_unreadable_time_counts_against_every_period(warehouse):
    warehouse.deliver("helpdesk")
    warehouse.requests([{"received_date": date(2026, month, 10)} for month in (2, 5)])
    warehouse.reject("helpdesk", event_type="received")
    figures = warehouse.rows(
        "from outgoing.marts.fct_metrics where metric_code = 'max_achievable_adherence' and dimension = 'all'"
    )
    assert {row["unjudged_units"] for row in figures} == {1}


def test_a_statistic_has_no_worst_case_where_undetermined_units_decide(warehouse):
    warehouse.deliver("helpdesk")
    closed = [
        {"status": "closed_on_time", "received_date": date(2026, 3, 1), "closed_date": date(2026, 3, 1) + timedelta(days=days)}
        for days in (4, 6, 8)
    ]
    warehouse.requests(closed)
    warehouse.event("helpdesk", request_id="lost", event_type="fulfilled", occurred_at=datetime(2026, 3, 9, 12, tzinfo=UTC))
    median, p90 = warehouse.figure("median_days_to_close"), warehouse.figure("p90_days_to_close")
    assert (median["value"], median["value_worst"]) == (6, 7)
    assert (p90["value"], p90["value_worst"]) == (pytest.approx(7.6), None)


def test_a_silent_month_is_a_row_without_a_value(warehouse):
    warehouse.deliver("helpdesk")
    warehouse.requests([{"received_date": date(2026, 2, 10)}])
    figure = warehouse.figure("deadline_adherence", period_start=date(2026, 6, 1))
    assert (figure["value"], figure["numerator"], figure["denominator"]) == (None, 0, 0)


def test_no_period_begins_after_the_day_of_looking(warehouse):
    warehouse.deliver("helpdesk")
    warehouse.requests([{"received_date": date(2026, 9, 10), "due_date": date(2027, 1, 10)}])
    assert warehouse.rows("from outgoing.marts.fct_metrics where period_start > date '2026-09-15'") == []
    assert warehouse.figure("deadline_adherence")["pending_units"] == 1


def test_intake_and_forwarding_are_measured_in_days_and_hours_of_the_clock(warehouse):
    day = date(2026, 3, 1)
    came = datetime(2026, 3, 1, 10, tzinfo=UTC)
    rows = [{"received_date": day, "recorded_at": came + timedelta(hours=hours)} for hours in (0, 12, 24)]
    passed_on = {"received_date": day, "role": "processor", "status": "excluded", "forwarded_at": came + timedelta(hours=30)}
    warehouse.deliver("helpdesk")
    warehouse.requests([*rows, passed_on])
    assert warehouse.figure("intake_lag_p95_days")["value"] == pytest.approx(0.95)
    assert warehouse.figure("intake_lag_unknown_rate")["value"] == 0.25
    assert warehouse.figure("forwarding_p95_hours")["value"] == 30


def test_the_lag_of_an_intake_that_nobody_recorded_is_unbounded_at_worst(warehouse):
    """Requests without `recorded_at` left the percentile, so that its worst case was good."""
    day, came = date(2026, 3, 1), datetime(2026, 3, 1, 10, tzinfo=UTC)
    known = [{"received_date": day, "recorded_at": came + timedelta(hours=12)} for _ in range(39)]
    unknown = {"received_date": day, "recorded_at": None}
    warehouse.requests([*known, unknown])
    figure = warehouse.figure("intake_lag_p95_days")
    assert (figure["value"], figure["value_worst"], figure["units"]) == (0.5, 0.5, 39)
    warehouse.requests([*known, *[unknown] * 4])
    figure = warehouse.figure("intake_lag_p95_days")
    assert (figure["value"], figure["value_worst"]) == (0.5, None)


def test_requests_that_were_never_passed_on_do_not_leave_the_hours_until_passed_on(warehouse):
    """An empty `forwarded_at` took a request out of the percentile: whoever forwarded the easy ones alone was quick."""
    received = date(2026, 3, 1)
    came = datetime(2026, 3, 1, 10, tzinfo=UTC)
    held = {"received_date": received, "role": "processor", "status": "excluded", "exclusion_reason": "not_controller"}
    passed_on = [held | {"forwarded_at": came + timedelta(hours=hours)} for hours in range(1, 20)]
    thrown_out = held | {"exclusion_reason": "duplicate"}
    warehouse.requests([*passed_on, held, thrown_out])
    figure = warehouse.figure("forwarding_p95_hours")
    assert (figure["value"], figure["units"]) == (19, 20), "19 of 20 were passed on within 19 hours"
    warehouse.requests([*passed_on[:18], held, held])
    assert warehouse.figure("forwarding_p95_hours")["value"] is None, "of a tenth nobody knows how long it will take"


def test_rows_are_counted_by_the_month_in_which_they_landed(warehouse):
    batch = warehouse.deliver(
        "helpdesk", read=6, landed=3, duplicate=2, quarantined=1, first_event_at=datetime(2026, 5, 1, tzinfo=UTC)
    )
    for month in (5, 7, 8):
        warehouse.event(
            "helpdesk",
            request_id="r0",
            event_type="received",
            batch_id=batch,
            occurred_at=datetime(2026, month, 5, tzinfo=UTC),
            right_type="access",
        )
    warehouse.requests([{"received_date": date(2026, 5, 5)}])
    september = {
        code: warehouse.figure(code, "helpdesk", date(2026, 9, 1))["value"]
        for code in ("rows_landed", "rows_duplicate", "rows_quarantined", "late_rows")
    }
    assert september == {"rows_landed": 3, "rows_duplicate": 2, "rows_quarantined": 1, "late_rows": 2}
