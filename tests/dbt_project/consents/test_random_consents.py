"""Hundreds of random people with decisions about consent: the models and the oracle agree.

All worlds land in three deliveries, in any order and some rows twice. The marts are then built for each instant, so that every
history is seen from its middle and its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from consent_histories import MARTS, World, consent_rows, knowledge_at, policy_rows, prepared, register, worlds
from oracles.consents import Knowledge, intervals, withdrawals
from warehouse import Warehouse, by_key

COUNT = 1_500
INSTANTS = (
    datetime(2026, 3, 28, 12, tzinfo=UTC),
    datetime(2026, 3, 29, 23, tzinfo=UTC),
    datetime(2026, 4, 1, 12, 0, 0, 1, tzinfo=UTC),
    datetime(2026, 4, 20, tzinfo=UTC),
)
Rows = list[dict[str, Any]]
MART_OF: dict[str, tuple[Callable[[Knowledge], Rows], tuple[str, ...]]] = {
    "fct_consents": (intervals, ("namespace", "event_id", "lapsed")),
    "fct_withdrawal_systems": (withdrawals, ("namespace", "event_id", "system")),
}


@pytest.fixture(scope="module")
def all_worlds() -> list[World]:
    return worlds(COUNT, seed=20260326)


@pytest.fixture(scope="module")
def landed(all_worlds: list[World], tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = prepared(tmp_path_factory.mktemp("consents"))
    dice = Random(7)
    for log, rows in (("policies", list(policy_rows(all_worlds))), ("consents", list(consent_rows(all_worlds)))):
        arriving = rows + dice.sample(rows, len(rows) // 3)
        dice.shuffle(arriving)
        for part in range(3):
            warehouse.land(arriving[part::3], log=log)
    return warehouse


def published(warehouse: Warehouse, mart: str) -> Rows:
    return warehouse.rows(f"select * from outgoing.marts.{mart}")


@pytest.mark.parametrize("as_of", INSTANTS, ids=lambda instant: instant.strftime("%d-%B-%H%M"))
def test_product_and_oracle_agree_on_every_row_of_every_world(landed, all_worlds, as_of):
    landed.build(as_of.isoformat(), select=MARTS)
    for mart, (oracle, key) in MART_OF.items():
        ours = by_key(published(landed, mart), *key)
        differ: dict[str, list[tuple[Any, Any]]] = {}
        theirs = by_key(oracle(knowledge_at(all_worlds, as_of)), *key)
        assert len(theirs) > COUNT / 5
        for one in ours.keys() | theirs.keys():
            row, expected = ours.get(one), theirs.get(one)
            if row is None or expected is None or any(row[name] != value for name, value in expected.items()):
                differ.setdefault((row or expected)["subject_key"], []).append((row, expected))
        if differ:
            smallest = min(
                (world for world in all_worlds if f"subject-{world.number}" in differ), key=lambda it: len(it.consents)
            )
            rows = "\n".join(f"product {row}\noracle  {expected}" for row, expected in differ[f"subject-{smallest.number}"])
            pytest.fail(f"{mart}: {len(differ)} worlds differ; the smallest:\n{smallest}\n{rows}", pytrace=False)


def test_the_random_worlds_come_by_every_way(all_worlds):
    """A guard on the guard: every state, verdict and coincidence is among the worlds, and not once or twice."""
    seen: Counter[str] = Counter()
    for as_of in INSTANTS:
        known = knowledge_at(all_worlds, as_of)
        instants = {(event.subject_key, event.purpose_code, event.occurred_at.isoformat()) for event in known.events}
        for row in intervals(known):
            seen[row["state"]] += 1
            seen[f"provable {row['provable']}"] += 1
            seen["lapsed"] += row["lapsed"]
            seen["lapsed at as_of"] += row["lapsed"] and row["valid_from"] == as_of
            seen["holds at no instant"] += row["valid_from"] == row["valid_to"]
            purpose = known.purpose(row["purpose_code"], row["valid_from"])
            days = purpose.consent_valid_days if purpose else None
            if row["state"] == "active" and row["valid_to"] is not None and days:
                ended_on_the_limit = (row["valid_to"] - row["valid_from"]).total_seconds() == days * 86_400
                decided = (row["subject_key"], row["purpose_code"], row["valid_to"].isoformat()) in instants
                seen["decided at the limit"] += ended_on_the_limit and decided
        for row in withdrawals(known):
            seen[row["status"]] += 1
            seen[f"in time {row['in_time']}"] += 1
            seen[f"complete {row['complete']}"] += 1
            seen["confirmed at once"] += row["hours"] == 0
            seen["consented again, unconfirmed"] += row["consented_again_at"] is not None and row["applied_at"] is None
            seen["hours over at as_of"] += row["confirm_by"] == as_of
            seen["several systems"] += row["system"] == "ads"
    ways = (
        *("active", "refused", "withdrawn", "expired", "invalidated", "provable True", "provable False", "provable None"),
        *("lapsed", "lapsed at as_of", "holds at no instant", "decided at the limit"),
        *("confirmed", "pending", "unconfirmed", "in time True", "in time False", "in time None"),
        *("complete True", "complete False", "confirmed at once", "consented again, unconfirmed", "hours over at as_of"),
        "several systems",
    )
    assert {way: seen[way] for way in ways if seen[way] < 10} == {}


def test_product_and_oracle_read_the_same_register(landed):
    columns = ("purpose_code", "consent_valid_days", "withdrawal_hours", "systems", "valid_from", "valid_to")
    ours = landed.rows(f"select {', '.join(columns)} from pack.purposes order by line")
    read = [vars(row) | {"systems": list(row.systems)} for row in register()]
    assert ours == [{name: str(row[name]) if isinstance(row[name], date) else row[name] for name in columns} for row in read]
