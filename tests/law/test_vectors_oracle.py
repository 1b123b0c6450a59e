"""The public examples, computed by the oracle: an independent engine is worth something only if it passes the textbook."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from oracles.deadlines import evaluate
from oracles.events import Place
from oracles.law import PUBLIC_LAW, read_law
from world import as_event, plain

VECTORS_FILE = PUBLIC_LAW / "vectors.jsonl"


def vectors() -> list[dict[str, Any]]:
    """Every worked example, or none where the public law is not beside the project."""
    if not VECTORS_FILE.is_file():
        return []
    return [json.loads(line) for line in VECTORS_FILE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.skipif(not VECTORS_FILE.is_file(), reason="../shared/law is not here")
@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["id"])
def test_oracle_gives_the_expected_answer(vector: dict[str, Any]) -> None:
    events = [as_event(event) for event in vector["events"]]
    place = Place(vector["regime_code"], vector["calendar"], vector["time_zone"])
    verdict = evaluate(events, vector["right_type"], place, read_law(), datetime.fromisoformat(vector["as_of"]))
    assert verdict is not None
    given = {column: plain(value) for column, value in verdict.as_dict().items()}
    assert {column: given[column] for column in vector["expect"]} == vector["expect"]


def test_all_public_vectors_are_there() -> None:
    if VECTORS_FILE.is_file():
        assert len(vectors()) == 83
