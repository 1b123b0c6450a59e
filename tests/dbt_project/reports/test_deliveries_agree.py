"""Hundreds of sources with random deliveries: what came and what is missing on each day, as a calendar on the wall shows it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from oracles.deliveries import missed, on_days
from oracles.occurrence import by_then
from random_deliveries import AS_OF, BATCHES, CLASSES, COUNTED, EVENTS, GAPS, NUMBERED, TOTALS, ZONE
from warehouse import Warehouse


def by_day(warehouse: Warehouse, column: str) -> dict[tuple[str, str], int]:
    rows = warehouse.rows(f'select source, day, "{column}" as reported from outgoing.marts.fct_source_completeness')
    return {(row["source"], row["day"]): row["reported"] for row in rows if row["reported"]}


def test_what_fell_due_and_had_not_come_stands_on_its_day(warehouse):
    landed: dict[str, list[datetime]] = defaultdict(list)
    for row in BATCHES:
        landed[row["source"]].append(row["landed_at"])
    terms = {row["source"]: (row["every"], row["grace"]) for row in BATCHES}
    expected = {
        (source, day.isoformat()): count
        for source, moments in landed.items()
        for day, count in missed(moments, *terms[source], AS_OF, ZONE).items()
    }
    assert by_day(warehouse, "gaps") == expected
    assert len(expected) > 500
    assert max(expected.values()) > 2


def test_rows_and_deliveries_are_counted_on_the_day_of_arrival(warehouse):
    for column in COUNTED:
        expected: Counter[tuple[str, str]] = Counter()
        for row in BATCHES:
            if not row["superseded"]:
                ((day, _),) = on_days([row["landed_at"]], ZONE).items()
                expected[row["source"], day.isoformat()] += row[column]
        assert by_day(warehouse, f"{column}_rows" if column in CLASSES else column) == dict(+expected)
    arrived = Counter((row["source"], next(iter(on_days([row["landed_at"]], ZONE))).isoformat()) for row in BATCHES)
    assert by_day(warehouse, "deliveries") == dict(arrived)
    assert by_day(warehouse, "held_back_files") == {("unstated", "2026-04-03"): 1}


def test_events_are_counted_on_the_day_on_which_they_happened(warehouse):
    happened = by_then(EVENTS, AS_OF)
    assert 0 < len(happened) < len(EVENTS)
    expected = {
        (source, day.isoformat()): count
        for source in {row["source"] for row in EVENTS}
        for day, count in on_days([row["occurred_at"] for row in happened if row["source"] == source], ZONE).items()
    }
    assert by_day(warehouse, "events") == expected
    by_system = {(row["system"], row["events"]) for row in warehouse.rows(
        "select system, sum(events)::bigint as events from intermediate.int_evidence__days group by system"
    )}  # fmt: skip
    assert by_system == set(Counter(row["system"] for row in happened).items())


def test_a_control_total_is_compared_with_the_events_of_its_day_once_that_is_over(warehouse):
    rows = {(row["source"], row["day"]): row for row in warehouse.rows("from outgoing.marts.fct_source_completeness")}
    today = next(iter(on_days([AS_OF], ZONE))).isoformat()
    stated = {(source, day.isoformat()): count for source, day, count in TOTALS if day.isoformat() < today}
    assert len(stated) < len(TOTALS)
    assert {place: row["stated"] for place, row in rows.items() if row["stated"] is not None} == stated
    assert {place: row["difference"] for place, row in rows.items() if row["difference"] is not None} == {
        place: rows[place]["events"] - count for place, count in stated.items()
    }
    assert {place: row["missing_events"] for place, row in rows.items() if row["missing_events"] is not None} == {
        place: max(0, count - rows[place]["events"]) for place, count in stated.items()
    }
    assert len({rows[place]["difference"] for place in stated}) > 4
    for place, row in rows.items():
        why = (
            None
            if place in stated
            else "no_control_total"
            if row["source"] not in {source for source, _, _ in TOTALS}
            else "day_not_over"
            if row["day"] >= today
            else "day_not_stated"
        )
        assert (row["unstated_reason"], row["has_control_total"]) == (why, place in stated)


def test_numbers_that_never_came_stand_on_the_day_of_the_delivery_that_went_beyond_them(warehouse):
    expected: Counter[tuple[str, str]] = Counter()
    for source, _, missing, landed_at in GAPS:
        ((day, _),) = on_days([landed_at], ZONE).items()
        expected[source, day.isoformat()] += missing
    assert by_day(warehouse, "missing_numbers") == dict(expected)
    unnumbered = warehouse.rows(
        "select distinct source from outgoing.marts.fct_source_completeness where missing_numbers is null"
    )
    assert {row["source"] for row in unnumbered} & {row["source"] for row in BATCHES} == {
        row["source"] for row in BATCHES
    } - NUMBERED


def test_a_source_without_a_schedule_has_no_gap_and_every_source_has_a_row_on_the_day_of_as_of(warehouse):
    rows = warehouse.rows("from outgoing.marts.fct_source_completeness")
    assert {row["gaps"] for row in rows if row["source"] == "unstated"} == {None}
    assert {row["source"] for row in rows if row["day"] == "2026-04-20"} >= {row["source"] for row in BATCHES}
