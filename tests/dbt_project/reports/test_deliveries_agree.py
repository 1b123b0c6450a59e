"""Hundreds of sources with random deliveries: what came and what is missing on each day, as a calendar on the wall says it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from oracles.deliveries import missed, on_days
from oracles.happening import by_then
from random_deliveries import AS_OF, BATCHES, CLASSES, COUNTED, EVENTS, ZONE
from warehouse import Warehouse


def by_day(warehouse: Warehouse, column: str) -> dict[tuple[str, str], int]:
    rows = warehouse.rows(f'select source, day, "{column}" as told from outgoing.marts.fct_source_completeness')
    return {(row["source"], row["day"]): row["told"] for row in rows if row["told"]}


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


def test_nothing_is_stated_and_every_row_says_so(warehouse):
    rows = warehouse.rows("from outgoing.marts.fct_source_completeness")
    assert {(row["has_control_total"], row["stated"], row["difference"]) for row in rows} == {(False, None, None)}
    assert {row["unstated_reason"] for row in rows} == {"no_control_total"}
    assert {row["gaps"] for row in rows if row["source"] == "unstated"} == {None}
    assert {row["source"] for row in rows if row["day"] == "2026-04-20"} >= {row["source"] for row in BATCHES}
