"""Versions of the policy in hundreds of small worlds: the mart agrees with the oracle, at every instant.

One build computes all worlds: each is a version of its own (some of them in two namespaces at once).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import chain
from random import Random
from typing import Any

import pytest
from oracles.policies import evaluate
from warehouse import Warehouse, by_key, require_equal

WORLDS = 700
MICROSECOND = timedelta(microseconds=1)
MIDNIGHT_IN_DUBLIN = datetime(2026, 5, 31, 23, tzinfo=UTC)  # 1 June begins
LANDED = (datetime(2026, 5, 31, 22, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC))
AS_OF = (
    MIDNIGHT_IN_DUBLIN - MICROSECOND,
    MIDNIGHT_IN_DUBLIN,
    datetime(2026, 6, 15, 9, tzinfo=UTC),
    datetime(2026, 8, 1, tzinfo=UTC),
)
KINDS = ("published", "effective", "change_notified", "superseded")
SHOWN = (
    *("2026-05", "2026-06", "2026-05-31", "2026-06-01", "2026-06-31", "2026-07"),
    *(None, None),
)


def life(dice: Random, number: int) -> list[dict[str, Any]]:
    """What one version goes through, much of it around the midnight that begins June."""
    moments = [MIDNIGHT_IN_DUBLIN + shift for shift in (timedelta(0), MICROSECOND, -MICROSECOND)]
    moments += [*AS_OF, LANDED[0] + timedelta(minutes=5), LANDED[0] + timedelta(minutes=5) + MICROSECOND]
    moments += [MIDNIGHT_IN_DUBLIN + timedelta(hours=dice.randint(-900, 900), seconds=dice.randint(0, 3599)) for _ in range(4)]
    kinds = [kind for kind in KINDS for _ in range(dice.choice((0, 1, 1, 1, 2)))] + ["change_notified"] * dice.choice((0, 0, 2))
    dice.shuffle(kinds)
    rows = []
    for step, kind in enumerate(kinds or ["superseded"]):
        row: dict[str, Any] = {
            "policy_version": f"v{number}",
            "event_id": f"v{number}:{dice.randint(0, 9)}{step:02d}",
            "event_type": kind,
            "occurred_at": dice.choice(moments),
            "landed_at": dice.choice((LANDED[0], LANDED[1], LANDED[1])),
        }
        if kind == "published":
            row["material"] = dice.random() < 0.5
        if kind == "change_notified":
            row |= {"audience_size": dice.choice((0, 7, 100, 100, 300)), "notified_count": dice.choice((0, 3, 60, 100, 200))}
        if dice.random() < (0.8 if kind == "published" else 0.1):
            row["last_updated_shown"] = dice.choice(SHOWN)
        rows.append(row)
    return rows


def worlds() -> list[list[dict[str, Any]]]:
    dice = Random(12)
    lives = [life(dice, number) for number in range(WORLDS)]
    # A version of the same name in another namespace is another version.
    return lives + [[row | {"namespace": "elsewhere"} for row in life(dice, number)] for number in range(0, WORLDS, 20)]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("policies")).prepare()
    warehouse.deliver(chain.from_iterable(worlds()), Random(1), "policies")
    return warehouse


def published(warehouse: Warehouse, as_of: datetime) -> dict[tuple[Any, ...], dict[str, Any]]:
    return warehouse.model("fct_policy_versions", ("namespace", "policy_version"), as_of)


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_the_mart_and_the_oracle_agree_on_every_version(warehouse, as_of):
    verdicts = (
        {"namespace": events[0].get("namespace", "policies")} | row for events in worlds() if (row := evaluate(events, as_of))
    )
    require_equal(published(warehouse, as_of), by_key(verdicts, "namespace", "policy_version"), above=500)


def test_the_worlds_hold_what_the_rules_are_about(warehouse):
    rows = published(warehouse, AS_OF[-1]).values()
    for column in ("last_updated_matches", "notified_before_effective", "material"):
        assert {row[column] for row in rows} == {True, False, None}, column
    assert {row["in_force"] for row in rows} == {True, False}
    assert any(row["coverage"] == 1.0 > row["coverage_before_effective"] for row in rows)
    assert any(row["notified_count"] > (row["audience_size"] or 0) for row in rows)
    assert any(row["change_notified_at"] and row["change_notified_at"] == row["effective_at"] for row in rows)
    assert any(row["effective_at"] and row["effective_at"] == row["superseded_at"] for row in rows)


def test_a_row_leads_back_to_a_landed_row_of_its_version(warehouse):
    published(warehouse, AS_OF[-1])
    (lost,) = warehouse.rows(
        "select count(*) as rows from outgoing.marts.fct_policy_versions as facts anti join landing.policies as landed"
        " on (facts.batch_id, facts.row_number, facts.event_id, facts.policy_version, facts.source)"
        " = (landed.batch_id, landed.row_number, landed.event_id, landed.policy_version, landed.source)"
        " and (facts.published_at is null or facts.published_at = landed.occurred_at)"
    )
    assert lost == {"rows": 0}
