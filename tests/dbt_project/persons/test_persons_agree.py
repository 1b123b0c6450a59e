"""Persons out of links in hundreds of small worlds: the model finds the persons that the oracle finds.

One build resolves all worlds: the keys of each begin with its number, so that no two worlds meet.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from oracles.persons import resolve
from warehouse import Warehouse, by_key, require_equal

WORLDS = 600
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LANDED = (NOON - timedelta(minutes=5), datetime(2026, 9, 1, tzinfo=UTC))
AS_OF = (NOON - MICROSECOND, NOON, NOON + MICROSECOND, NOON + timedelta(days=30))
SHAPES = ("random", "random", "chain", "circle", "star", "pairs", "oneself")


def drawn(dice: Random, shape: str, keys: list[str]) -> list[tuple[str, str]]:
    """Which keys are linked."""
    if shape == "random":
        return [(dice.choice(keys), dice.choice(keys)) for _ in range(dice.randint(1, len(keys) + 3))]
    if shape == "star":
        return [(keys[0], key) for key in keys[1:]]
    if shape == "pairs":
        return list(zip(keys[::2], keys[1::2], strict=False))
    if shape == "oneself":
        return [(key, key) for key in keys]
    return list(pairwise(keys)) + ([(keys[-1], keys[0])] if shape == "circle" else [])


def world(dice: Random, number: int, size: int, shape: str) -> list[dict[str, Any]]:
    keys = [f"{number:04d}{key:04x}" for key in dice.sample(range(4096), size)]
    pairs = [dice.choice((pair, pair[::-1])) for pair in drawn(dice, shape, keys)]
    pairs += dice.sample(pairs, dice.choice((0, 0, 1)))
    return [
        {
            "subject_key": one,
            "other_key": other,
            "event_id": f"l{number}:{dice.randint(0, 9)}{step}",
            "namespace": dice.choice(("subject_links", "elsewhere")),
            "occurred_at": dice.choice(
                (NOON, NOON + MICROSECOND, NOON - MICROSECOND, NOON - timedelta(days=dice.randint(1, 90)))
            ),
            "landed_at": dice.choice((LANDED[0], *LANDED[1:] * 3)),
        }
        for step, (one, other) in enumerate(pairs)
    ]


def worlds() -> list[dict[str, Any]]:
    dice = Random(8)
    links = [link for number in range(WORLDS) for link in world(dice, number, dice.randint(2, 9), dice.choice(SHAPES))]
    for number, shape in enumerate(("chain", "circle", "chain", "star"), start=WORLDS):
        links += [link | {"landed_at": LANDED[1]} for link in world(dice, number, 250, shape)]
    # The longest way to the least key: in order of the keys, and each link recorded from the greater end.
    ordered = [f"9999{key:04x}" for key in range(300)]
    links += [
        {"subject_key": other, "other_key": one, "event_id": f"o{other}", "namespace": "subject_links"}
        | {"occurred_at": NOON - timedelta(days=1), "landed_at": LANDED[1]}
        for one, other in pairwise(ordered)
    ]
    return links


def resolved(warehouse: Warehouse, as_of: datetime) -> dict[tuple[Any, ...], dict[str, Any]]:
    return warehouse.model("int_persons__resolved", ("subject_key",), as_of)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("persons")).prepare()
    warehouse.deliver(worlds(), Random(1), "subject_links")
    return warehouse


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_the_model_and_the_oracle_agree_on_every_person(warehouse, as_of):
    found = resolved(warehouse, as_of)
    require_equal(found, by_key(({"subject_key": key} | row for key, row in resolve(worlds(), as_of).items()), "subject_key"))
    assert max(row["identifiers"] for row in found.values()) == 300


def test_a_chain_of_250_and_a_circle_of_250_are_one_person_each(warehouse):
    found = resolved(warehouse, AS_OF[-1])
    sizes = sorted({row["person_key"]: row["identifiers"] for row in found.values() if row["identifiers"] > 20}.values())
    assert sizes == [250, 250, 250, 250, 300]


def test_persons_come_together_as_links_happen_and_never_part(warehouse):
    earlier, later = (resolved(warehouse, as_of) for as_of in (AS_OF[0], AS_OF[-1]))
    assert {(row["person_key"],) for row in later.values()} < {*later}
    assert all(later[key]["person_key"] <= row["person_key"] for key, row in earlier.items())
    assert any(later[key]["person_key"] < row["person_key"] for key, row in earlier.items())


def test_without_links_there_is_no_row_and_everybody_is_a_person_of_their_own(tmp_path: Path):
    warehouse = Warehouse(tmp_path).prepare()
    assert resolved(warehouse, NOON) == {}
