"""The published examples of deadlines, straight through the models: what they expect is what the marts hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from oracles.vectors import read_vectors
from warehouse import Warehouse


def events_of(vector: dict[str, Any]) -> list[dict[str, Any]]:
    place = f"ZZ-{vector['id'].upper()}"
    return [
        {"request_id": vector["id"], "event_id": f"{vector['id']}-{number}"}
        | event
        | ({"jurisdiction": place} if event["event_type"] == "received" else {})
        for number, event in enumerate(vector["events"])
        if datetime.fromisoformat(event["occurred_at"]) <= datetime.fromisoformat(vector["as_of"])
    ]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Each example as it stood at its own instant: one build of what had happened by then, looked at again and again."""
    warehouse = Warehouse(tmp_path_factory.mktemp("vectors")).prepare()
    known = read_vectors()
    for vector in known:
        warehouse.place(f"ZZ-{vector['id'].upper()}", vector["regime_code"], vector["calendar"], vector["time_zone"])
    warehouse.land([event for vector in known for event in events_of(vector)])
    warehouse.build("2029-01-01T00:00:00Z")
    found: dict[str, dict[str, Any]] = {}
    for as_of in sorted({vector["as_of"] for vector in known}):
        seen = {(row["request_id"], row["right_type"]): row for row in warehouse.look_again(as_of)}
        found |= {vector["id"]: seen[vector["id"], vector["right_type"]] for vector in known if vector["as_of"] == as_of}
    return found


@pytest.mark.parametrize("vector", read_vectors(), ids=lambda vector: vector["id"])
def test_the_mart_gives_what_the_example_expects(vector: dict[str, Any], outcomes: dict[str, dict[str, Any]]) -> None:
    row = outcomes[vector["id"]]
    assert {column: row[column] for column in vector["expect"]} == vector["expect"], vector["label"]
