"""Incidents in hundreds of small worlds: the mart says what the clerk says, to the microsecond, at every instant.

One build judges all worlds: each is an incident of its own (some of them in two namespaces at once).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import pytest
from oracles.incidents import judge
from warehouse import Warehouse, plain, way_back

WORLDS = 700
HOURS = {"IE": 72, "FR": 72, "GB": 72, "US": 100, "US-NY": 24, "ZZ": 1}
PLACES = ("IE", "IE", "FR", "IE-D", "GB-ENG", "US-CA", "US-NY", "US", "AQ", "ZZ-X", "JP")
MICROSECOND = timedelta(microseconds=1)
SUMMER_TIME_BEGINS = datetime(2026, 3, 29, 1, tzinfo=UTC)
LANDED = (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
AS_OF = (
    SUMMER_TIME_BEGINS,
    datetime(2026, 4, 2, 12, tzinfo=UTC),
    datetime(2026, 4, 2, 12, 0, 0, 1, tzinfo=UTC),
    datetime(2026, 5, 30, tzinfo=UTC),
)
KINDS = ("occurred", "contained", "assessed_no_risk", "authority_notified", "authority_notified", "subjects_notified", "closed")
TYPES = ("unauthorised_access", "alteration", "disclosure", "destruction")


def pack(folder: Path) -> Path:
    folder.mkdir()
    hours = ", ".join(f"{place}: {number}" for place, number in HOURS.items())
    (folder / "pack.yml").write_text(
        f"name: test\nversion: '1'\neffective_from: 2018-01-01\nincident_hours: {{{hours}}}\n", encoding="utf-8"
    )
    return folder


def life(dice: Random, number: int) -> list[dict[str, Any]]:
    """What one incident goes through, close to the instants on which something turns."""
    place = dice.choice(PLACES)
    edge = timedelta(hours=dice.choice((72, 72, 100, 24)))
    nudge = dice.choice((-MICROSECOND, timedelta(0), timedelta(0), MICROSECOND, timedelta(hours=dice.randint(-60, 60))))
    detected = dice.choice((dice.choice(AS_OF) - edge + nudge, dice.choice(LANDED) + timedelta(minutes=5) + nudge))
    moments = [detected, detected + edge, detected + edge + MICROSECOND, detected + edge - MICROSECOND, *AS_OF]
    moments += [detected + timedelta(hours=dice.randint(-30, 130), seconds=dice.randint(0, 3599)) for _ in range(4)]
    kinds = [dice.choice(KINDS) for _ in range(dice.randint(0, 6))] + ["detected"] * dice.choice((0, 1, 1, 1, 1, 1, 1, 1, 2))
    rows = []
    for step, kind in enumerate(kinds):
        row: dict[str, Any] = {
            "incident_id": f"i{number}",
            "event_id": f"i{number}:{dice.randint(0, 9)}{step}",
            "event_type": kind,
            "occurred_at": detected if kind == "detected" and step % 2 else dice.choice(moments),
            "landed_at": dice.choice(LANDED),
        }
        if kind == "detected":
            row |= {"jurisdiction": place, "incident_type": dice.choice(TYPES)}
        if dice.random() < 0.5:
            row["affected_subjects"] = dice.randint(0, 5000)
        rows.append(row)
    return rows


def worlds() -> list[list[dict[str, Any]]]:
    dice = Random(33)
    told = [life(dice, number) for number in range(WORLDS)]
    # The same id in another namespace is another incident.
    told += [[row | {"namespace": "elsewhere"} for row in life(dice, number)] for number in range(0, WORLDS, 20)]
    return told


def published(warehouse: Warehouse) -> dict[tuple[str, str], dict[str, Any]]:
    rows = warehouse.rows("select * from outgoing.marts.fct_incidents")
    found = {(row.pop("namespace"), row["incident_id"]): row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("incidents")
    warehouse = Warehouse(folder).prepare(pack(folder / "pack"))
    warehouse.deliver(chain.from_iterable(worlds()), Random(1), "incidents")
    return warehouse


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_the_mart_and_the_clerk_agree_on_every_incident(warehouse, as_of):
    warehouse.build(as_of.isoformat(), select=["+fct_incidents"])
    found = published(warehouse)
    expected = {
        (events[0].get("namespace", "incidents"), row["incident_id"]): {name: plain(value) for name, value in row.items()}
        for events in worlds()
        if events and (row := judge(events, HOURS, as_of))
    }
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        assert {name: found[key][name] for name in row} == row, key
    assert len(expected) > 150


def test_the_worlds_reach_every_status_and_both_sides_of_the_due_instant(warehouse):
    warehouse.build(AS_OF[-1].isoformat(), select=["+fct_incidents"])
    rows = published(warehouse).values()
    assert {row["status"] for row in rows} >= {"on_time", "late", "open_overdue", "not_required", "nothing_due"}
    between = [
        datetime.fromisoformat(row["authority_notified_at"]) - datetime.fromisoformat(row["authority_due_at"])
        for row in rows
        if row["authority_notified_at"] and row["authority_due_at"]
    ]
    assert {timedelta(0), MICROSECOND, -MICROSECOND} <= set(between)
    assert any(row["assessed_overdue"] for row in rows)


def test_the_order_of_arrival_changes_nothing_but_the_way_back(tmp_path, warehouse):
    other = Warehouse(tmp_path).prepare(pack(tmp_path / "pack"))
    other.deliver(chain.from_iterable(worlds()), Random(2), "incidents")
    told = []
    for one in (warehouse, other):
        one.build(AS_OF[1].isoformat(), select=["+fct_incidents"])
        rows = published(one)
        told.append((way_back(rows), rows))
    assert told[0][1] == told[1][1]
    assert told[0][0] != told[1][0]


def test_a_row_leads_back_to_the_detection_that_counts(warehouse):
    warehouse.build(AS_OF[-1].isoformat(), select=["+fct_incidents"])
    (lost,) = warehouse.rows(
        "select count(*) as rows from outgoing.marts.fct_incidents as facts anti join landing.incidents as landed"
        " on (facts.batch_id, facts.row_number, facts.event_id, facts.detected_at, facts.source)"
        " = (landed.batch_id, landed.row_number, landed.event_id, landed.occurred_at, landed.source)"
        " and landed.event_type = 'detected'"
    )
    assert lost == {"rows": 0}
