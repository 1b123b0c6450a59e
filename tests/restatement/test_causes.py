"""Which of the differences between two publications are named as the cause of a figure: those that can have changed it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from promisekept.errors import PublishingError
from promisekept.restatement.causes import ChangedFigure, Differences, Metric, PublicationInputs
from promisekept.restatement.landed_rows import ALWAYS, NEVER, Arrival
from promisekept.sources.zone.ledger import Ledger

OLD = PublicationInputs(
    id="0001-aaaaaa",
    as_of=datetime(2026, 4, 2, tzinfo=UTC),
    time_zone="Europe/Dublin",
    known_seq=1,
    pack="a" * 64,
    code={"code": "1", "duckdb": "2"},
    holidays="0.1",
    configuration={"organisation.country": "IE", "thresholds.erasure_grace_days": 30, "thresholds.small_cell": 10},
)
MARCH = ChangedFigure("a_rate", date(2026, 3, 1), date(2026, 4, 1), at_worst=False, is_first_measured=False)
REQUESTS = Metric(frozenset({"requests"}), period_by="received_date")
JANUARY, FEBRUARY, APRIL = date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 1)


def explained(tmp_path, metric=REQUESTS, figure=MARCH, arrived=(), packs=None, totals=None, **changes):
    """Causes, batches and versions of a figure, where the new publication differs by `changes` and what arrived."""
    ledger = Ledger.open(tmp_path)
    if totals:
        ledger.append("pack", {"file": "none"}, OLD.as_of, "c" * 64)
        ledger.append("control_total", {"source": "helpdesk", "origin": {}, "days": totals}, OLD.as_of, "d" * 64)
        changes["known_seq"] = ledger.seq
    for sha256, registers in (packs or {}).items():
        file = tmp_path / "landing" / f"{sha256}.json"
        file.parent.mkdir(exist_ok=True)
        settings = {"name": "n", "version": sha256, "incident_hours": registers.pop("incident_hours", {})}
        file.write_text(json.dumps({"settings": settings, "registers": registers}))
        ledger.append("pack", {"file": file.name}, OLD.as_of, sha256)
    found = Differences(tmp_path, ledger, OLD, replace(OLD, **changes))
    found.__dict__["arrivals"] = list(arrived)
    return found.explain(figure, metric).in_order


def arrival(log="requests", kind="event", month=FEBRUARY, since=NEVER, seq=7):
    return Arrival(log, kind, f"b-{seq:04d}", seq, month, month, since)


PACKS = {
    "another regime": ({"regimes": [1]}, {"regimes": [2]}, ["law"]),
    "another place": ({"jurisdictions": [1]}, {"jurisdictions": [2]}, ["law"]),
    "another holiday": ({"calendars": [1]}, {"calendars": [2]}, ["law"]),
    "another purpose": ({"purposes": [1]}, {"purposes": [2]}, ["pack"]),
    "a register that was not there": ({}, {"purposes": []}, ["pack"]),
    "both": ({"purposes": [1], "regimes": [1]}, {"purposes": [2], "regimes": [2]}, ["pack", "law"]),
}


@pytest.mark.parametrize(("before", "after", "causes"), PACKS.values(), ids=PACKS.keys())
def test_a_pack_is_the_cause_by_the_registers_that_differ(tmp_path, before, after, causes):
    metric = replace(REQUESTS, registers=frozenset({"purposes"}))
    packs = {"a" * 64: dict(before), "b" * 64: dict(after)}
    assert explained(tmp_path, metric, packs=packs, pack="b" * 64)[0] == causes


def test_the_versions_name_the_registers(tmp_path):
    packs = {"a" * 64: {"regimes": [1]}, "b" * 64: {"regimes": [2]}}
    assert explained(tmp_path, packs=packs, pack="b" * 64) == (["law"], [], ["pack aaaaaaaaaaaa -> bbbbbbbbbbbb: regimes"])


def test_promises_and_targets_are_no_cause_of_a_figure(tmp_path):
    packs = {"a" * 64: {"controls": [1]}, "b" * 64: {"controls": [2]}}
    with pytest.raises(PublishingError, match="nothing that it is made of differs"):
        explained(tmp_path, packs=packs, pack="b" * 64)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"incident_hours": {"IE": 72}}, {"incident_hours": {"IE": 48}}),
        ({"notification_rules": [1]}, {"notification_rules": [2]}),
    ],
)
def test_periods_of_notification_are_a_cause_where_incidents_feed_the_metric(tmp_path, before, after):
    packs = {"a" * 64: before, "b" * 64: after}
    incidents = Metric(frozenset({"incidents"}), period_by="authority_due_at")
    assert explained(tmp_path, incidents, packs=packs, pack="b" * 64)[0] == ["pack"]


def test_a_register_that_the_metric_does_not_read_is_named_only_where_nothing_else_reaches(tmp_path):
    packs = {"a" * 64: {"purposes": [1]}, "b" * 64: {"purposes": [2]}}
    assert explained(tmp_path, packs=packs, pack="b" * 64, arrived=[arrival()])[0] == ["late_rows"]
    assert explained(tmp_path, packs={}, pack="b" * 64)[0] == ["pack"]


CHANGES = {
    "holidays": ({"holidays": "0.2"}, "law", "holidays 0.1 -> 0.2"),
    "program": ({"code": {"code": "1.1", "duckdb": "2"}}, "code", "code 1 -> 1.1"),
    "database": ({"code": {"code": "1", "duckdb": "3"}}, "code", "duckdb 2 -> 3"),
    "zone": ({"time_zone": "Europe/Paris"}, "pack", "organisation.time_zone Europe/Dublin -> Europe/Paris"),
    "threshold": (
        {"configuration": OLD.configuration | {"thresholds.erasure_grace_days": 5}},
        "pack",
        "thresholds.erasure_grace_days 30 -> 5",
    ),
    "time": (
        {"as_of": datetime(2026, 4, 3, tzinfo=UTC)},
        "later_event",
        "as_of 2026-04-02T00:00:00+00:00 -> 2026-04-03T00:00:00+00:00",
    ),
}


@pytest.mark.parametrize(("changes", "cause", "version"), CHANGES.values(), ids=CHANGES.keys())
def test_each_input_is_the_cause_where_it_alone_differs(tmp_path, changes, cause, version):
    assert explained(tmp_path, **changes) == ([cause], [], [version])


ROWS = {
    "in the period": (arrival(month=date(2026, 3, 1)), ["late_rows"]),
    "before it": (arrival(month=JANUARY), ["late_rows"]),
    "after it, of a request begun in it": (arrival(month=APRIL, since=date(2026, 3, 1)), ["later_event"]),
    "another version": (arrival(kind="correction", since=FEBRUARY), ["correction"]),
    "a contradiction": (arrival(kind="conflict", since=FEBRUARY), ["conflict"]),
}


@pytest.mark.parametrize(("row", "causes"), ROWS.values(), ids=ROWS.keys())
def test_rows_are_the_cause_by_what_they_are(tmp_path, row, causes):
    assert explained(tmp_path, arrived=[row]) == (causes, ["b-0007"], [])


def test_what_both_publications_knew_is_not_late_where_as_of_moved_back_over_it(tmp_path):
    """An event of the first hours of April, which are still March elsewhere: moving `as_of` back was explained by late rows."""
    known = replace(arrival(month=APRIL), early=date(2026, 3, 1), had_landed=True)
    before = datetime(2026, 4, 1, tzinfo=UTC)
    moved = "as_of 2026-04-02T00:00:00+00:00 -> 2026-04-01T00:00:00+00:00"
    assert explained(tmp_path, arrived=[known], as_of=before) == (["later_event"], ["b-0007"], [moved])
    assert explained(tmp_path, arrived=[replace(known, had_landed=False)])[0] == ["late_rows"]


OTHERS = {
    "of a request begun after the period": arrival(month=APRIL, since=APRIL, seq=9),
    "of a request that nobody had heard of": arrival(month=APRIL, seq=9),
    "of another log": arrival("consents", seq=9),
    "corrected after the period": arrival(kind="correction", month=APRIL, since=APRIL, seq=9),
    "a reject, where more than the worst case changed": arrival(kind="reject", since=ALWAYS, seq=9),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_rows_that_do_not_reach_the_figure_are_not_blamed_with_those_that_do(tmp_path, other):
    assert explained(tmp_path, arrived=[arrival(), other]) == (["late_rows"], ["b-0007"], [])


def test_an_act_that_is_counted_itself_belongs_to_its_own_period(tmp_path):
    metric = Metric(frozenset({"collections"}), period_by="occurred_at")
    rows = [arrival("collections", month=date(2026, 3, 1), seq=7), arrival("collections", month=JANUARY, seq=8)]
    assert explained(tmp_path, metric, arrived=rows) == (["late_rows"], ["b-0007"], [])


def test_what_stands_at_the_end_of_a_period_is_not_moved_by_what_came_later(tmp_path):
    metric = Metric(frozenset({"consents"}), period_by="period_end", is_state=True)
    rows = [arrival("consents", month=JANUARY), arrival("consents", month=APRIL, since=JANUARY, seq=8)]
    assert explained(tmp_path, metric, arrived=rows) == (["late_rows"], ["b-0007"], [])


def test_a_rejected_row_is_the_cause_of_a_worse_reading_alone(tmp_path):
    figure = replace(MARCH, at_worst=True)
    for month, cause in ((JANUARY, "late_rows"), (None, "late_rows"), (APRIL, "later_event")):
        row = arrival(kind="reject", month=month, since=ALWAYS)
        assert explained(tmp_path, figure=figure, arrived=[row]) == ([cause], ["b-0007"], [])


def test_a_day_that_had_begun_elsewhere_belongs_to_the_month_before(tmp_path):
    """31 March in California is 1 April in Dublin: the request is late, though its month in Dublin is another one."""
    row = Arrival("requests", "event", "b-0007", 7, APRIL, date(2026, 3, 1), NEVER)
    assert explained(tmp_path, arrived=[row]) == (["late_rows"], ["b-0007"], [])


def test_all_that_holds_is_named_in_order(tmp_path):
    rows = [
        arrival(kind="conflict", since=FEBRUARY, seq=9),
        arrival(month=APRIL, since=FEBRUARY, seq=8),
        arrival(kind="correction", since=FEBRUARY, seq=6),
        arrival(),
    ]
    causes, batches, versions = explained(tmp_path, arrived=rows, holidays="0.2", code={"code": "9", "duckdb": "2"})
    assert causes == ["late_rows", "correction", "later_event", "conflict", "law", "code"]
    assert batches == ["b-0006", "b-0007", "b-0008", "b-0009"]
    assert len(versions) == 2


def test_where_nothing_differs_nothing_may_be_published(tmp_path):
    with pytest.raises(PublishingError, match=r"a_rate .* 2026-03-01 to 2026-04-01 .* 0001-aaaaaa, and nothing"):
        explained(tmp_path)


def test_another_control_total_is_a_cause(tmp_path):
    """It was none, so that nothing was published once somebody corrected the count of a day in a closed period."""
    worst = replace(MARCH, at_worst=True)
    named = (["missing_events"], [], ["control total of helpdesk"])
    assert explained(tmp_path / "a", figure=worst, totals={"2026-03-09": 5}) == named
    assert explained(tmp_path / "b", figure=worst, totals={"2026-04-01": 5}) == named, "nothing else differs"
    assert explained(tmp_path / "c", totals={"2026-03-09": 5}) == named, "a figure may be there for missing events alone"
    late = explained(tmp_path / "d", totals={"2026-03-09": 5}, arrived=[arrival()])
    assert late == (["late_rows"], ["b-0007"], []), "missing events change no more than a worst case"
    elsewhere = replace(REQUESTS, logs=frozenset({"incidents"}))
    with pytest.raises(PublishingError, match="nothing that it is made of differs"):
        explained(tmp_path / "e", elsewhere, worst)
