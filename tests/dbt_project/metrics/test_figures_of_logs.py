"""Every figure of the logs beside requests, compared with plain Python: by metric, dimension, value and period, in one build."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from metrics_warehouse import LANDED_AT, Warehouse
from oracle import kaplan_meier, periods_of
from oracle_of_logs import MEASURES, USES, figures, local_date, removals
from random_marts import AS_OF, MARTS, instant

ROWS = 500
ELSEWHERE = {
    "consent_opt_in_rate_of_shown", "consent_opt_in_rate_of_all", "unlisted_category_count",  # below
    "purpose_limitation_rate", "undeclared_purpose_count",
    "over_retention_rate", "over_retained_records", "unscheduled_rate",  # ../records/test_records_at_month_ends.py
    "record_sets_recreated",  # ../../evidence/test_other_figures_again.py
    "open_findings", "accepted_findings", "overdue_remediations", "acceptance_too_long_count", "unlisted_owner_count",
    # ../remediations/test_remediations_agree.py
}  # fmt: skip
# A withdrawal without a system is no row of the mart: test_worst_case_of_logs.py.
WORSE_THAN_A_ROW = {"withdrawal_unconfirmed"}


@pytest.fixture(scope="module")
def marts() -> dict[str, list[dict[str, Any]]]:
    """Rows of every mart, at random."""
    dice = Random(11)
    rows = {mart: [make(dice, number) for number in range(ROWS)] for mart, make in MARTS.items()}
    return rows | {USES: [row for mart in ("fct_processing", "fct_disclosures") for row in rows[mart]]}


@pytest.fixture(scope="module")
def published(empty_warehouse, tmp_path_factory, marts) -> list[dict[str, Any]]:
    """Their figures in fct_metrics."""
    warehouse: Warehouse = empty_warehouse.copy(tmp_path_factory.mktemp("logs"))
    for mart in MARTS:
        warehouse.fill(f"outgoing.marts.{mart}", marts[mart])
    return warehouse.rows("from outgoing.marts.fct_metrics")


@pytest.mark.parametrize("code", MEASURES)
def test_every_figure_equals_plain_python(marts, published, code):
    measure = MEASURES[code]
    first = min(row["period_start"] for row in published if row["period_grain"] == "month")
    expected = figures(code, measure, marts[measure.mart], AS_OF, first)
    assert expected
    computed = {
        (code, row["dimension"], row["dimension_value"], row["period_grain"], row["period_start"]): row
        for row in published
        if row["metric_code"] == code and row["dimension"] != "right_type"
    }
    assert expected.keys() <= computed.keys()
    for key, row in computed.items():
        figure = expected.get(key)
        above, below = (figure.above, figure.below) if figure else (0, 0)
        assert row["numerator"] == above, key
        assert row["denominator"] == (below if measure.below else None), key
        value = figure.value(measure.below is not None) if figure else (None if measure.below else 0)
        assert row["value"] == (None if value is None else pytest.approx(float(value))), key


@pytest.mark.parametrize("code", sorted(MEASURES.keys() - WORSE_THAN_A_ROW))
def test_in_the_worst_case_every_undetermined_unit_is_a_miss(marts, published, code):
    measure = MEASURES[code]
    first = min(row["period_start"] for row in published if row["period_grain"] == "month")
    expected = figures(code, measure, marts[measure.mart], AS_OF, first)
    for row in published:
        key = (code, row["dimension"], row["dimension_value"], row["period_grain"], row["period_start"])
        if row["metric_code"] == code and row["dimension"] != "right_type" and key in expected:
            figure = expected[key]
            of_any = expected.get((code, row["dimension"], "unknown", row["period_grain"], row["period_start"]))
            if of_any and row["dimension"] == "contract" and row["dimension_value"] != "unknown":
                figure = replace(figure, worst_below=figure.worst_below + of_any.below)
                figure.worst_above += 0 if measure.below else of_any.above
            worst = figure.at_worst(measure.below is not None)
            assert row["value_worst"] == (None if worst is None else pytest.approx(float(worst))), key


@pytest.mark.parametrize(
    ("code", "at_risk"),
    [
        ("early_deletions", lambda row: row["has_minimum"]),
        ("deletions_under_hold", lambda row: row["had_hold"]),
        ("reappeared_records", lambda row: row["status"] == "reappeared" or row["scanned_after_deletion"]),
    ],
)
def test_of_what_was_deleted_only_what_is_at_risk_is_a_case(marts, published, code, at_risk):
    expected: dict[Any, int] = {}
    sets = marts["fct_records"]
    for row in sets if code == "reappeared_records" else (removal for one in sets for removal in removals(one)):
        if row["deleted_date"] is not None and at_risk(row):
            placed = row["deleted_date"]
            if code == "reappeared_records" and row["reappeared_at"]:
                placed = local_date(row["reappeared_at"])
            for period in periods_of(placed, AS_OF.date()):
                expected[period] = expected.get(period, 0) + 1
    computed = {
        (row["period_grain"], row["period_start"]): row["units"]
        for row in published
        if row["metric_code"] == code and row["dimension"] == "all" and row["units"]
    }
    assert computed == expected


@pytest.mark.parametrize(
    ("code", "mart", "rights"),
    [
        ("disclosure_after_stop", "fct_disclosures", {"erasure", "objection", "opt_out_sale_share", "restriction"}),
        ("processing_after_stop", "fct_processing", {"erasure", "objection", "restriction"}),
    ],
)
def test_an_act_counts_under_each_right_that_it_breaks_and_is_at_risk_of_each_that_was_in_force(
    marts, published, code, mart, rights
):
    today = AS_OF.date()
    expected: dict[Any, Counter[str]] = {}
    for row in marts[mart]:
        for period in periods_of(row["occurred_date"], today):
            for right in rights & {*row["stops_in_force"]}:
                figure = expected.setdefault((right, *period), Counter())
                is_bound = right in (row["stopped_right_types"] or ())
                may_be = right in row["possible_stop_right_types"] or (right == "objection" and row.get("bases_before_objection"))
                figure["units"] += row["ok_not_stopped"] is not None
                figure["bound"] += row["ok_not_stopped"] is False and is_bound
                figure["worst case"] += (row["ok_not_stopped"] is False and is_bound) or bool(may_be)
    computed = {
        (row["dimension_value"], row["period_grain"], row["period_start"]): (row["numerator"], row["units"], row["value_worst"])
        for row in published
        if row["metric_code"] == code and row["dimension"] == "right_type"
    }
    assert computed == {
        key: (figure["bound"], figure["units"], figure["worst case"])
        for key, figure in expected.items()
        if figure["units"] + figure["worst case"]
    }
    assert {right for right, *_ in computed} == rights - {"restriction"} | (
        {"restriction"} if code == "processing_after_stop" else set()
    )


def test_an_act_counts_under_each_right_whose_request_waited_for_its_answer(marts, published):
    expected: dict[Any, Counter[str]] = {}
    for row in marts["fct_processing"]:
        for period in periods_of(row["occurred_date"], AS_OF.date()):
            for right in row["requests_pending"]:
                figure = expected.setdefault((right, *period), Counter())
                is_covered, nobody_knows = right in row["pending_right_types"], row["legal_basis"] == "unknown"
                figure["units"] += not (is_covered and nobody_knows)
                figure["meanwhile"] += is_covered and not nobody_knows
                figure["worst case"] += is_covered
    computed = {
        (row["dimension_value"], row["period_grain"], row["period_start"]): (row["numerator"], row["units"], row["value_worst"])
        for row in published
        if row["metric_code"] == "acts_while_pending" and row["dimension"] == "right_type"
    }
    assert computed == {key: (figure["meanwhile"], figure["units"], figure["worst case"]) for key, figure in expected.items()}
    assert {right for right, *_ in computed} == {"objection", "restriction"}
    assert any(numerator < worst for numerator, _, worst in computed.values())


def test_a_row_counts_once_in_all_and_once_under_each_category_that_nobody_listed(marts, published):
    rows = [*marts["fct_collections"], *marts["fct_processing"]]
    expected: dict[Any, int] = {}
    for row in rows:
        for period in periods_of(row["occurred_date"], AS_OF.date()):
            if row["ok_categories"] is not None:
                for dimension, value in (("all", "all"), ("source", row["source"])):
                    key = (dimension, value, *period)
                    expected[key] = expected.get(key, 0) + (row["ok_categories"] is False)
            for category in row["unlisted_categories"] or ():
                key = ("data_category", category, *period)
                expected[key] = expected.get(key, 0) + 1
    computed = {
        (row["dimension"], row["dimension_value"], row["period_grain"], row["period_start"]): row["value"]
        for row in published
        if row["metric_code"] == "unlisted_category_count"
    }
    assert {key: computed[key] for key in expected} == expected
    assert all(value == 0 for key, value in computed.items() if key not in expected)


def test_a_purpose_counts_in_every_log_that_names_one(marts, published):
    """As a share of what was collected and processed, as a count of everything; a record set by the day of its creation."""
    kinds = [
        ("fct_collections", "ok_purpose", "occurred_date"),
        ("fct_processing", "ok_purpose", "occurred_date"),
        ("fct_disclosures", "purpose_declared", "occurred_date"),
        ("fct_records", "purpose_declared", "created_date"),
    ]
    declared: dict[Any, list[bool]] = {}
    limited: dict[Any, list[bool]] = {}
    for mart, column, day in kinds:
        for row in (row for row in marts[mart] if row[column] is not None):
            values = {"all": "all", "purpose_code": row["purpose_code"], "source": row["source"]}
            for period in periods_of(row[day], AS_OF.date()):
                for item in values.items():
                    declared.setdefault((*item, *period), []).append(row[column])
                if column == "ok_purpose":
                    for item in (values | {"system": row.get("system", "unknown")}).items():
                        limited.setdefault((*item, *period), []).append(row[column])
    figures = {
        code: {
            (row["dimension"], row["dimension_value"], row["period_grain"], row["period_start"]): row
            for row in published
            if row["metric_code"] == code and row["units"]
        }
        for code in ("undeclared_purpose_count", "purpose_limitation_rate")
    }
    counts, rates = figures["undeclared_purpose_count"], figures["purpose_limitation_rate"]
    assert {key: (row["numerator"], row["units"]) for key, row in counts.items()} == {
        key: (found.count(False), len(found)) for key, found in declared.items()
    }
    assert {key: (row["numerator"], row["denominator"]) for key, row in rates.items() if row["denominator"]} == {
        key: (sum(found), len(found)) for key, found in limited.items()
    }


def test_every_measured_metric_of_these_marts_has_an_oracle_here(empty_warehouse):
    rows = empty_warehouse.rows("select metric_code, mart, statistic from outgoing.marts.dim_metrics")
    counted = {
        row["metric_code"]
        for row in rows
        if row["statistic"] in {"rate", "count", "sum"} and not {"fct_requests", "audit_sources"} & set(row["mart"].split(";"))
    }
    assert counted == {*MEASURES, *ELSEWHERE}


@pytest.mark.parametrize(
    ("code", "share"),
    [("withdrawal_propagation_p50_hours", Fraction(1, 2)), ("withdrawal_propagation_p95_hours", Fraction(19, 20))],
)
def test_a_system_that_has_not_confirmed_a_withdrawal_is_in_the_percentiles_for_as_long_as_it_has_not(
    marts, published, code, share
):
    expected: dict[Any, list[tuple[float, bool]]] = {}
    for row in marts["fct_withdrawal_systems"]:
        so_far = (AS_OF - row["withdrawn_at"]) / timedelta(hours=1)
        wait = (so_far, False) if row["hours"] is None else (row["hours"], True)
        for grain, start in periods_of(local_date(row["withdrawn_at"]), AS_OF.date()):
            for dimension in ("all", "purpose_code", "source", "system"):
                expected.setdefault((dimension, row.get(dimension, "all"), grain, start), []).append(wait)
    computed = {
        (row["dimension"], row["dimension_value"], row["period_grain"], row["period_start"]): row
        for row in published
        if row["metric_code"] == code
    }
    for key, waits in expected.items():
        value = kaplan_meier(waits, share)
        assert computed[key]["value"] == (None if value is None else pytest.approx(value)), key
        assert computed[key]["value_worst"] == computed[key]["value"], key
        assert computed[key]["units"] == len(waits), key
    assert {row["value"] is None for row in computed.values()} == {True, False}


def test_an_incident_is_detected_within_so_many_days_in_all_but_one_case_of_twenty(marts, published):
    lags: dict[Any, list[float | None]] = {}
    for row in marts["fct_incidents"]:
        lag = None if row["occurred_at"] is None else (row["detected_at"] - row["occurred_at"]) / timedelta(days=1)
        for grain, start in periods_of(row["detected_date"], AS_OF.date()):
            for dimension in ("all", "jurisdiction", "incident_type", "source"):
                lags.setdefault((dimension, row.get(dimension, "all"), grain, start), []).append(lag)
    computed = {
        (row["dimension"], row["dimension_value"], row["period_grain"], row["period_start"]): row
        for row in published
        if row["metric_code"] == "detection_lag_p95_days" and row["units"]
    }
    known = {key: sorted(lag for lag in found if lag is not None) for key, found in lags.items()}
    assert computed.keys() == {key for key, found in known.items() if found}
    for key, row in computed.items():
        place = 0.95 * (len(known[key]) - 1)
        low, high = known[key][int(place)], known[key][min(int(place) + 1, len(known[key]) - 1)]
        assert row["value"] == pytest.approx(low + (high - low) * (place % 1)), key
        assert row["units"] == len(known[key]), key
        doubtful = len(lags[key]) - len(known[key])
        assert (row["value_worst"] is None) == (int(-(-0.95 * (len(lags[key]) - 1) // 1)) >= len(known[key]) and doubtful > 0), (
            key
        )


def test_whoever_was_asked_and_had_not_decided_before_is_in_the_rate_of_those_who_were_asked(empty_warehouse, tmp_path):
    dice = Random(3)
    shown: dict[str, list[datetime]] = {}
    decisions: dict[str, tuple[datetime, str]] = {}
    for number in range(300):
        person = f"{number:032x}"
        shown[person] = [instant(dice) for _ in range(dice.randint(0, 3))]
        if dice.random() < 0.7:
            decisions[person] = dice.choice([*shown[person], instant(dice)]), dice.choice(("given", "refused", "withdrawn"))
    warehouse = empty_warehouse.copy(tmp_path)
    warehouse.deliver("one", log="consents")
    common = {"namespace": "n", "source": "one", "batch_id": "b-0001", "landed_at": LANDED_AT, "purpose_code": "news"}
    asked = [
        common | {"event_id": f"{person}{number}", "subject_key": person, "occurred_at": at, "event_type": "shown",
                  "revision": 0, "collides": False, "row_number": number}
        for person, times in shown.items() for number, at in enumerate(times)
    ]  # fmt: skip
    warehouse.fill("landing.consents", asked)
    warehouse.fill("outgoing.marts.fct_consents", [
        {"subject_key": person, "purpose_code": "news", "state": "active", "valid_from": at, "lapsed": False, "provable": True,
         "source": "one", "namespace": "n", "event_id": person, "event_type": kind, "is_first_decision": True,
         "is_withdrawal": False}
        for person, (at, kind) in decisions.items()
    ])  # fmt: skip
    asked_first: dict[Any, list[bool]] = {}
    everybody: dict[Any, list[bool]] = {}
    for person, times in shown.items():
        at, kind = decisions.get(person, (None, None))
        is_asked_first = bool(times) and (at is None or at >= min(times))
        if is_asked_first:
            for period in periods_of(local_date(min(times)), AS_OF.date()):
                asked_first.setdefault(period, []).append(kind == "given")
        if is_asked_first or at is not None:
            for period in periods_of(local_date(min(times) if is_asked_first else at), AS_OF.date()):
                everybody.setdefault(period, []).append(kind == "given")
    for code, expected in (("of_shown", asked_first), ("of_all", everybody)):
        rows = warehouse.rows(
            f"from outgoing.marts.fct_metrics where metric_code = 'consent_opt_in_rate_{code}' and dimension = 'all'"
        )
        published = {(row["period_grain"], row["period_start"]): (row["numerator"], row["denominator"]) for row in rows}
        assert {key: published[key] for key in expected} == {key: (sum(given), len(given)) for key, given in expected.items()}
        assert any(0 < sum(given) < len(given) for given in expected.values())
    assert asked_first != everybody


def test_the_rows_hold_what_the_figures_are_about(marts, published):
    for code, measure in MEASURES.items():
        ours = [row for row in published if row["metric_code"] == code]
        by_right = {"right_type"} if code.endswith("_after_stop") or code == "acts_while_pending" else set()
        assert {row["dimension"] for row in ours} == {"all", *measure.dimensions} | by_right, code
        values = {row["value"] for row in ours}
        assert len(values) > 5, code
    assert any(row["valid_to"] == row["valid_from"] for row in marts["fct_consents"])
    assert date(2026, 9, 1) in {row["period_start"] for row in published}
