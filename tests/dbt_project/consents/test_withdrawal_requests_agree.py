"""Requests to withdraw in hundreds of small worlds: the marts end the same consents as the oracle, at every instant."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from consent_histories import MARTS, prepared
from oracles.consents import intervals, withdrawals
from warehouse import Warehouse, by_key, require_equal
from withdrawing_people import Worlds, worlds

COUNT = 700
INSTANTS = (
    datetime(2026, 3, 31, 12, tzinfo=UTC),
    datetime(2026, 4, 3, 12, 0, 0, 1, tzinfo=UTC),
    datetime(2026, 4, 20, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def all_worlds() -> Worlds:
    return worlds(COUNT, seed=12)


@pytest.fixture(scope="module")
def landed(all_worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return all_worlds.land(prepared(tmp_path_factory.mktemp("withdrawals")))


def test_the_marts_and_the_oracle_agree_on_what_requests_ended_from_build_to_build(landed, all_worlds):
    """Everything landed before the first build: what the later ones find is what time alone has brought about."""
    for number, as_of in enumerate(INSTANTS):
        landed.build(as_of.isoformat(), select=MARTS, full_refresh=number == 0)
        known = all_worlds.known(as_of)
        for mart, rows, key in (
            ("fct_consents", intervals(known), ("namespace", "event_id", "lapsed", "request_key", "purpose_code", "subject_key")),
            ("fct_withdrawal_systems", withdrawals(known), ("namespace", "event_id", "request_key", "purpose_code", "system")),
        ):
            require_equal(by_key(landed.rows(f"select * from outgoing.marts.{mart}"), *key), by_key(rows, *key))


def test_the_worlds_come_by_every_way(all_worlds):
    seen: Counter[str] = Counter()
    for as_of in INSTANTS:
        known = all_worlds.known(as_of)
        for ending in known.endings:
            seen["unanswered"] += ending.landed["event_type"] == "received"
            seen["granted"] += ending.landed["event_type"] == "fulfilled"
            seen["granted in part"] += ending.landed["event_type"] == "partially_fulfilled"
            seen["under two identifiers"] += len(ending.consented_under) > 1
            seen["recorded under another identifier"] += len(ending.identifiers) > 1 and ending.recorded_at is not None
        rows = intervals(known)
        seen["before a lapse"] += sum(
            row["ended_by"] == "request" and known.purpose(row["purpose_code"], row["valid_from"]) is not None for row in rows
        )
        for row in rows:
            seen[f"recorded in time: {row['recorded_in_time']}"] += row["request_key"] is not None
            seen["recorded and no second withdrawal"] += row["event_type"] == "withdrawn" and not row["is_withdrawal"]
            seen["withdrawn by a refusal"] += row["event_type"] == "refused" and row["is_withdrawal"]
        for row in withdrawals(known):
            seen[f"system {row['status']}"] += row["request_key"] is not None
    ways = (
        *("unanswered", "granted", "granted in part", "under two identifiers", "recorded under another identifier"),
        *("before a lapse", "recorded and no second withdrawal", "withdrawn by a refusal"),
        *("recorded in time: True", "recorded in time: False", "recorded in time: None"),
        *("system confirmed", "system pending", "system unconfirmed"),
    )
    assert {way: seen[way] for way in ways if seen[way] < 8} == {}
