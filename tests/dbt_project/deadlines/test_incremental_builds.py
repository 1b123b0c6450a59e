"""A warehouse with an incremental build per day equals a full refresh on each day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from warehouse import Warehouse

FIRST_DAY = datetime(2026, 3, 2, 18, tzinfo=UTC)
PLACES = ("IE", "GB-ENG", "US-CA", "CA-QC", "JP", "AQ")
RIGHTS = ("access", "erasure", "opt_out_sale_share")
LATER = (
    *("acknowledged", "identity_requested", "identity_verified", "clarification_requested", "clarification_received"),
    *("fee_requested", "fee_paid", "extended", "extension_revoked", "fulfilled", "denied", "withdrawn", "excluded", "reopened"),
    "forwarded_to_controller",
)
REASONS = {"denied": "exempt", "excluded": "test"}


def life(dice: Random, number: int, day: datetime) -> list[dict[str, Any]]:
    """What one person's request goes through, some of it still to come when it lands."""
    request = {"request_id": f"r{number}"}
    received = day - timedelta(days=dice.choice((0, 1, 20, 29, 30, 31, 44, 45, 70)), hours=dice.randint(0, 20))
    rows = [
        request
        | {"event_id": f"r{number}:{right}", "event_type": "received", "right_type": right, "jurisdiction": dice.choice(PLACES)}
        | {"occurred_at": received.isoformat(), "role": dice.choice((None, None, None, "processor"))}
        for right in dice.sample(RIGHTS, dice.choice((1, 1, 2)))
    ]
    for step in range(dice.randint(0, 6)):
        kind = dice.choice(LATER)
        occurred = received + timedelta(days=dice.randint(0, 80), hours=dice.randint(0, 23))
        rows.append(
            request
            | {"event_id": f"r{number}:{step}", "event_type": kind, "reason_code": REASONS.get(kind)}
            | {"occurred_at": occurred.isoformat()}
            | {"recorded_at": (occurred + timedelta(days=dice.choice((0, 30)))).isoformat() if dice.random() < 0.5 else None}
            | {"right_type": dice.choice((None, rows[0]["right_type"]))}
        )
    return rows


def deliveries(dice: Random) -> list[list[dict[str, Any]]]:
    """What lands on each day: nothing on some; late rows, corrections and contradictions of earlier ones on others."""
    delivered_rows: list[dict[str, Any]] = []
    days = []
    for number in range(9):
        day = FIRST_DAY + timedelta(days=number * 4)
        new = [row for one in range(25) for row in life(dice, number * 25 + one, day)] if number % 3 != 2 else []
        if number in (3, 4, 7):
            for row in dice.sample(delivered_rows, 12):
                moved = datetime.fromisoformat(row["occurred_at"]) - timedelta(days=dice.choice((1, 9, 33)))
                new.append(row | {"occurred_at": moved.isoformat(), "revision": dice.choice((0, 1, 1, 2))})
            for row in dice.sample(delivered_rows, 4):
                new.append(row | {"request_id": "r7", "revision": 0})
        dice.shuffle(new)
        delivered_rows += new
        days.append(new)
    return days


def published(warehouse: Warehouse) -> dict[str, list[dict[str, Any]]]:
    return {
        mart: warehouse.rows(f"select * from outgoing.marts.{mart} order by request_key")
        for mart in ("fct_requests", "fct_request_traces")
    }


@pytest.mark.slow
def test_a_month_of_daily_builds_equals_a_rebuild_on_each_day(tmp_path):
    daily, rebuilt = Warehouse(tmp_path / "daily"), Warehouse(tmp_path / "rebuilt")
    for warehouse in (daily, rebuilt):
        warehouse.folder.mkdir()
        warehouse.prepare()
    for number, rows in enumerate(deliveries(Random(11))):
        day = (FIRST_DAY + timedelta(days=number * 4)).isoformat()
        for warehouse in (daily, rebuilt):
            if rows:
                warehouse.land(rows)
        daily.build(day, full_refresh=number == 0)
        rebuilt.build(day)
        ours, theirs = published(daily), published(rebuilt)
        for mart, expected in theirs.items():
            assert len(ours[mart]) == len(expected), (mart, day)
            for row, other in zip(ours[mart], expected, strict=True):
                assert row == other, (mart, day)
        assert len(theirs["fct_requests"]) > 20


def test_a_day_without_a_delivery_moves_what_is_open_and_leaves_what_is_settled(tmp_path):
    warehouse = Warehouse(tmp_path).prepare()
    warehouse.land(
        [
            {"request_id": "open", "event_type": "received", "occurred_at": "2026-03-10T10:00:00Z"},
            {"request_id": "settled", "event_type": "received", "occurred_at": "2026-03-10T10:00:00Z"},
            {"request_id": "settled", "event_type": "fulfilled", "occurred_at": "2026-03-20T10:00:00Z"},
            {"request_id": "promised", "event_type": "received", "occurred_at": "2026-03-10T10:00:00Z"},
            {"request_id": "promised", "event_type": "fulfilled", "occurred_at": "2026-04-10T10:00:00Z"},
        ]
    )
    warehouse.build("2026-04-09T12:00:00Z")
    assert {key: warehouse.request(key)["status"] for key in ("open", "settled", "promised")} == {
        "open": "open_in_time",
        "settled": "closed_on_time",
        "promised": "open_in_time",
    }
    warehouse.build("2026-04-11T12:00:00Z", full_refresh=False)
    assert {key: warehouse.request(key)["status"] for key in ("open", "settled", "promised")} == {
        "open": "open_overdue",
        "settled": "closed_on_time",
        "promised": "closed_on_time",
    }
    (row,) = warehouse.rows("select count(*) as changed from intermediate.int_requests__changed")
    assert row == {"changed": 1}
