"""Incidents in hundreds of small worlds: the mart agrees with the oracle, to the microsecond, at every instant.

One build computes all worlds: each is an incident of its own (some of them in two namespaces at once).
"""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import pytest
from oracles.incidents import Rule, evaluate, governing, local_date
from warehouse import Warehouse, by_key, require_equal

WORLDS = 700
HOURS = {"GB": 72, "US": 100, "US-NY": 24, "ZZ": 1}
CHANGED = date(2026, 4, 1)
NO_WORK = (date(2026, 2, 2), date(2026, 3, 17), date(2026, 4, 6), date(2026, 5, 4), date(2026, 6, 1))  # in Ireland
RULES = (
    *(Rule(place, "authority", hours, "hour") for place, hours in HOURS.items()),
    Rule("EEA", "authority", 72, "hour", citation="Art. 33(1)"),
    Rule("DE", "authority", 3, "business_day", citation="ours"),
    Rule("IE-D", "authority", 5, "business_day", NO_WORK),
    Rule("CA", "authority", 45, "day", valid_to=CHANGED, citation="before"),
    Rule("CA", "authority", 30, "day", valid_from=CHANGED, citation="since"),
    Rule("CA-QC", "authority", 2, "day", more_than=500, valid_from=CHANGED),
    Rule("EEA", "persons", 7, "day", more_than=0),
    Rule("US-NY", "persons", 1, "day"),
    Rule("JP", "authority", 3, "day", after_persons=True),
    Rule("FR", "authority", 30, "hour", after_persons=True, citation="after the persons"),
    Rule("CA", "persons", 24, "hour", valid_to=CHANGED),
    Rule("KR", "authority", 0, "day", after_persons=True, more_than=1, citation="with the persons"),
    Rule("KR-11", "authority", 0, "hour", after_persons=True, citation="before the persons"),
    Rule("KR", "persons", 72, "hour"),
)
PLACES = (
    *("IE", "IE", "FR", "IE-D", "IE-D", "DE", "GB-ENG", "US-CA", "US-NY", "US", "AQ", "ZZ-X", "JP"),
    *("CA", "CA-ON", "CA-ON", "CA-QC", "KR", "KR-11"),
)
MICROSECOND = timedelta(microseconds=1)
SUMMER_TIME_BEGINS = datetime(2026, 3, 29, 1, tzinfo=UTC)
LANDED = (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
AS_OF = (
    SUMMER_TIME_BEGINS,
    datetime(2026, 4, 2, 12, tzinfo=UTC),
    datetime(2026, 4, 2, 12, 0, 0, 1, tzinfo=UTC),
    datetime(2026, 4, 30, 23, tzinfo=UTC),  # midnight in Dublin
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
    with (folder / "notification_rules.csv").open("w", encoding="utf-8", newline="") as out:
        write = csv.writer(out).writerow
        columns = "jurisdiction,whom,period_n,period_unit,calendar,more_than,valid_from,valid_to,citation,runs_from"
        write(columns.split(","))
        for rule in RULES[len(HOURS) :]:
            begins = None if rule.valid_from == date.min else rule.valid_from
            ends = None if rule.valid_to == date.max else rule.valid_to
            calendar = "IE" if rule.holidays else None
            runs_from = "subjects_notified" if rule.after_persons else None
            write((rule.place, rule.whom, rule.n, rule.unit, calendar, rule.more_than, begins, ends, rule.citation, runs_from))
    return folder


def life(dice: Random, number: int) -> list[dict[str, Any]]:
    """What one incident goes through, close to the instants on which something turns."""
    place = dice.choice(PLACES)
    edge = dice.choice((timedelta(hours=72), timedelta(hours=72), timedelta(hours=100), timedelta(hours=24), timedelta(days=30)))
    nudge = dice.choice((-MICROSECOND, timedelta(0), timedelta(0), MICROSECOND, timedelta(hours=dice.randint(-60, 60))))
    detected = dice.choice((dice.choice(AS_OF) - edge + nudge, dice.choice(LANDED) + timedelta(minutes=5) + nudge))
    rules = [governing(RULES, whom, place, local_date(detected, "Europe/Dublin"), None) for whom in ("authority", "persons")]
    edges = [detected + edge, *(rule.due(detected, "Europe/Dublin") for rule in rules if rule)]
    moments = [detected, *(at + shift for at in edges for shift in (MICROSECOND, -MICROSECOND, timedelta(0))), *AS_OF]
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
            row["affected_subjects"] = dice.choice((0, 1, 500, 501, 5000))
        rows.append(row)
    return rows


def worlds() -> list[list[dict[str, Any]]]:
    dice = Random(33)
    lives = [life(dice, number) for number in range(WORLDS)]
    # The same id in another namespace is another incident.
    lives += [[row | {"namespace": "elsewhere"} for row in life(dice, number)] for number in range(0, WORLDS, 20)]
    return lives


def published(warehouse: Warehouse, as_of: datetime) -> dict[tuple[Any, ...], dict[str, Any]]:
    return warehouse.model("fct_incidents", ("namespace", "incident_id"), as_of)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("incidents")
    warehouse = Warehouse(folder).prepare(pack(folder / "pack"))
    warehouse.deliver(chain.from_iterable(worlds()), Random(1), "incidents")
    return warehouse


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_the_mart_and_the_oracle_agree_on_every_incident(warehouse, as_of):
    verdicts = (
        {"namespace": events[0].get("namespace", "incidents")} | row
        for events in worlds()
        if events and (row := evaluate(events, RULES, as_of))
    )
    require_equal(published(warehouse, as_of), by_key(verdicts, "namespace", "incident_id"), above=150)


def test_the_worlds_reach_every_status_and_both_sides_of_the_due_instant(warehouse):
    rows = published(warehouse, AS_OF[-1]).values()
    assert {row["status"] for row in rows} >= {"on_time", "late", "open_overdue", "not_required", "nothing_due"}
    between = [
        datetime.fromisoformat(row["authority_notified_at"]) - datetime.fromisoformat(row["authority_due_at"])
        for row in rows
        if row["authority_notified_at"] and row["authority_due_at"]
    ]
    assert {timedelta(0), MICROSECOND, -MICROSECOND} <= set(between)
    assert any(row["assessed_overdue"] for row in rows)
    assert {(row["not_required"], row["no_risk_for_many"]) for row in rows} == {(True, True), (True, False), (False, False)}
    assert {row["persons_status"] for row in rows} >= {"on_time", "late", "open_overdue", "not_required", "nothing_due"}
    doubts = {None, "assessed_overdue", "no_risk_for_many", "before_detection", "in_part"}
    assert {row["persons_doubt"] for row in rows} == doubts
    assert {row["authority_period_unit"] for row in rows if row["on_time"]} == {"hour", "day", "business_day"}
    assert {row["authority_citation"] for row in rows} >= {"Art. 33(1)", "ours", "before", "since"}
    assert {row["authority_citation"] for row in rows} >= {f"{when} the persons" for when in ("before", "with", "after")}


def test_a_row_leads_back_to_the_detection_that_counts(warehouse):
    published(warehouse, AS_OF[-1])
    (lost,) = warehouse.rows(
        "select count(*) as rows from outgoing.marts.fct_incidents as facts anti join landing.incidents as landed"
        " on (facts.batch_id, facts.row_number, facts.event_id, facts.detected_at, facts.source)"
        " = (landed.batch_id, landed.row_number, landed.event_id, landed.occurred_at, landed.source)"
        " and landed.event_type = 'detected'"
    )
    assert lost == {"rows": 0}
