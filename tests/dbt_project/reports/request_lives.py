"""Requests that come and go: answered, reopened, withdrawn, found to be none, some of it at one instant.

Here: random lives over two years and a warehouse in which they are computed. Not here: what ought to come of them (oracles).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import model_builds
from warehouse import Warehouse

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
ZONES = {"IE": "Europe/Dublin", "US-CA": "America/Los_Angeles", "GB-ENG": "Europe/London", "JP": "Asia/Tokyo"}
RIGHTS = (
    "access", "portability", "rectification", "erasure", "opt_out_sale_share", "limit_sensitive", "automated_decision",
    "know_sold_shared",
)  # fmt: skip
TURNS = (
    "fulfilled",
    "partially_fulfilled",
    "denied",
    "withdrawn",
    "excluded",
    "reopened",
    "reopened",
    "extended",
    "acknowledged",
)
REASONS = {
    "denied": ("exempt", "excessive", "identity_not_verified", "no_data", "other", "legal_obligation"),
    "partially_fulfilled": ("third_party_rights", "manifestly_unfounded", "exempt"),
    "excluded": ("duplicate", "test", "not_a_request"),
}
REPORTS = (
    "int_requests__movements", "rpt_roll_forward", "rpt_ccpa_7101", "rpt_ccpa_7102", "rpt_gdpr_art12_requests",
)  # fmt: skip


def life(dice: Random, number: int) -> list[dict[str, Any]]:
    """One request with up to three rights; a later event names one of them or, by naming none, all."""
    request = {"request_id": f"r{number}"}
    place = dice.choice(("IE", "US-CA", "US-CA", "US-CA", "GB-ENG", "JP"))
    received = FIRST + timedelta(days=dice.randint(0, 600), hours=dice.choice((0, 7, 8, 12, 23)))
    role = dice.choice((None,) * 12 + ("processor",))
    rights = dice.sample(RIGHTS, dice.choice((1, 1, 2, 3)))
    if dice.random() < 0.2:
        rights = ["portability", "access"]
    rows = [
        request
        | {"event_type": "received", "right_type": right, "jurisdiction": place, "role": role}
        | {"occurred_at": received + timedelta(days=dice.choice((0, 0, 0, 40)))}
        for right in rights
    ]
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3, 5, 7))):
        kind = dice.choice(TURNS)
        rows.append(
            request
            | {"event_type": kind, "right_type": dice.choice((None, None, rights[0]))}
            | {"reason_code": dice.choice(REASONS[kind]) if kind in REASONS else None}
            | {"occurred_at": received + timedelta(days=dice.choice((-3, 0, 5, 20, 31, 45, 45, 46, 90, 200)))}
        )
    return [row | {"event_id": f"r{number}:{place_in_row}"} for place_in_row, row in enumerate(rows)]


def lives(count: int, seed: int = 7106) -> dict[str, list[dict[str, Any]]]:
    """Random lives by request."""
    dice = Random(seed)
    landed = [life(dice, number) for number in range(count)]
    return {rows[0]["request_id"]: rows for rows in landed}


def built(folder: Path, landed: dict[str, list[dict[str, Any]]], as_of: datetime, seed: int = 1) -> Warehouse:
    """The lives landed in any order and reported as of an instant."""
    folder.mkdir(parents=True, exist_ok=True)
    warehouse = Warehouse(folder).prepare()
    with warehouse.connect() as db:
        db.executemany(
            "update pack.jurisdictions set time_zone = ? where jurisdiction = ?", [(zone, place) for place, zone in ZONES.items()]
        )
    rows = [row for life in landed.values() for row in life]
    Random(seed).shuffle(rows)
    warehouse.land([row | {"occurred_at": row["occurred_at"].isoformat()} for row in rows])
    return look(warehouse, as_of)


def look(warehouse: Warehouse, as_of: datetime) -> Warehouse:
    """Report as of another instant."""
    with warehouse.connect() as db:
        db.execute("create schema if not exists intermediate")
        db.execute(
            "create or replace table intermediate.int_metrics__periods (period_grain varchar, period_start date, period_end date)"
        )
        db.executemany(
            "insert into intermediate.int_metrics__periods values (?, ?, ?)", [*periods(as_of.date()), ("to_date", None, None)]
        )
    warehouse.build(as_of.isoformat())
    warehouse.results = model_builds.by_dbt(warehouse.folder, warehouse.file, "--select", *REPORTS, "--full-refresh")
    return warehouse


def periods(last: date) -> list[tuple[str, date, date]]:
    """Each month, quarter and year from the first to that of a day."""
    return [
        (grain, start, _later(start, months))
        for grain, months in (("month", 1), ("quarter", 3), ("year", 12))
        for step in range(0, 60, months)
        if (start := _later(FIRST.date(), step)) <= last
    ]


def _later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)
