"""The public examples, computed by the oracle: an independent engine is worth something only if it passes the textbook."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from oracles.deadlines import evaluate
from oracles.events import Place
from oracles.law import PUBLIC_LAW, read_law
from oracles.vectors import VECTORS, read_vectors
from world import as_event, plain


@pytest.mark.parametrize("vector", read_vectors(), ids=lambda vector: vector["id"])
def test_oracle_gives_the_expected_answer(vector: dict[str, Any]) -> None:
    events = [as_event(event) for event in vector["events"]]
    place = Place(vector["regime_code"], vector["calendar"], vector["time_zone"])
    verdict = evaluate(events, vector["right_type"], place, read_law(), datetime.fromisoformat(vector["as_of"]))
    assert verdict is not None
    given = {column: plain(value) for column, value in verdict.as_dict().items()}
    assert {column: given[column] for column in vector["expect"]} == vector["expect"]


@pytest.mark.skipif(not PUBLIC_LAW.is_dir(), reason="../shared/law is not here: nothing to compare the project's own copy with")
def test_the_examples_are_the_public_ones_word_for_word() -> None:
    assert VECTORS.read_bytes() == (PUBLIC_LAW / "vectors.jsonl").read_bytes()
