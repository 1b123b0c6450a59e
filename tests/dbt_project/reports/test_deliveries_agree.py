"""Hundreds of sources with random deliveries: what came and what is missing on each day, as a calendar on the wall says it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from oracles.deliveries import missed, on_days
from oracles.happening import by_then
from warehouse import Warehouse

from orchestration.dbt_runner import DbtRunner

ZONE = "Europe/Dublin"
AS_OF = datetime(2026, 4, 20, 10, tzinfo=UTC)  # the clocks went forward on 29 March
FIRST = datetime(2026, 3, 20, tzinfo=UTC)
CLASSES = ("landed", "duplicate", "superseding", "conflicting", "quarantined")
COUNTED = ("source_rows", "read", *CLASSES)
SYSTEMS = ("crm", "erp", None)
COUNT = 300
MODELS = ("int_evidence__days", "int_controls__sources", "int_deliveries__missed", "fct_source_completeness")


def deliveries(dice: Random) -> list[dict[str, Any]]:
    """Batches of sources, each with an interval of its own; some come at the very instant at which they fall due."""
    told = []
    for number in range(COUNT):
        every = timedelta(hours=dice.choice((6, 24, 24, 36, 168)))
        moment = FIRST + timedelta(hours=dice.randint(0, 400))
        grace = timedelta(hours=dice.choice((0, 0, 1, 12)))
        for _ in range(dice.randint(0, 8)):
            counts = {name: dice.randint(0, 5) for name in CLASSES}
            told.append(
                {"source": f"s{number}", "landed_at": moment, "superseded": dice.random() < 0.2, "every": every, "grace": grace}
                | counts
                | {"read": sum(counts.values()), "source_rows": sum(counts.values()) + dice.randint(0, 3)}
            )
            moment += dice.choice((every + grace, every + grace + timedelta(microseconds=1), every * 3, every / 2, timedelta()))
    return told


def happenings(dice: Random) -> list[dict[str, Any]]:
    """Rows of the retention log, of which some name a system, some lie ahead, and some happen as a local day begins."""
    return [
        {"event_id": f"e{number}", "record_id": f"r{number}", "event_type": "created", "source": f"s{dice.randint(0, 40)}"}
        | {"system": dice.choice(SYSTEMS), "data_category": "mail", "purpose_code": "news", "record_count": 1}
        | {"landed_at": AS_OF + timedelta(days=3)}
        | {
            "occurred_at": FIRST
            + timedelta(days=dice.randint(0, 33), hours=dice.choice((0, 22, 23)), minutes=dice.choice((0, 59)))
        }
        for number in range(2000)
    ]


BATCHES = deliveries(Random(5))
EVENTS = happenings(Random(6))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("deliveries"), zone=ZONE).prepare()
    warehouse.land([row | {"occurred_at": row["occurred_at"].isoformat()} for row in EVENTS], log="retention")
    with warehouse.connect() as db:
        db.execute("drop table landing.batches; drop table landing.sources")
        db.execute(
            "create table landing.batches (seq bigint, batch_id varchar, source varchar, log varchar, namespace varchar,"
            " landed_at timestamptz, superseded boolean, first_event_at timestamptz, last_event_at timestamptz,"
            " mapped bigint, skipped bigint, unmapped bigint, held_back bigint,"
            f" {', '.join(f'{name} bigint' for name in COUNTED)})"
        )
        db.execute(
            "create table landing.sources (source varchar, log varchar, namespace varchar, expect_every_seconds bigint,"
            " expect_grace_seconds bigint, has_control_total boolean);"
            "create table landing.held_back (source varchar, landed_at timestamptz)"
        )
        db.executemany(
            "insert into landing.batches by name select ? as source, 'retention' as log, 'n' as namespace, ? as landed_at,"
            f" ? as superseded, {', '.join(f'? as {name}' for name in COUNTED)}",
            [[row["source"], row["landed_at"], row["superseded"], *(row[name] for name in COUNTED)] for row in BATCHES],
        )
        expected = {row["source"]: (row["every"], row["grace"]) for row in BATCHES}
        db.executemany(
            "insert into landing.sources values (?, 'retention', 'n', ?, ?, false)",
            [[source, int(every.total_seconds()), int(grace.total_seconds())] for source, (every, grace) in expected.items()],
        )
        db.execute("insert into landing.sources values ('unstated', 'retention', 'n', null, null, false)")
        db.execute("insert into landing.held_back values ('unstated', '2026-04-02 23:30:00+00')")
    warehouse.build(AS_OF.isoformat(), select=["path:models/staging"])
    DbtRunner(warehouse.folder, warehouse.file).build(select=MODELS, full_refresh=True)
    return warehouse


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
