"""How the same events reach the warehouse: at once and in order, or late, twice, shuffled and wrong at first.

Here: turning rows of all logs into deliveries by day. Not here: what happened (all_logs.py) or what the product makes of it.
A row that is wrong at first comes with revision 0; the row of the history has revision 1 and arrives afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from world import World

Row = dict[str, Any]
WRONG = {
    "requests": {"event_type": "acknowledged", "request_id": "req-1"},
    "consents": {"event_type": "given", "purpose_code": "product_news"},
    "disclosures": {"recipient_id": "cloudhost", "consideration": "monetary", "purpose_code": "fortune_telling"},
    "retention": {"event_type": "seen", "record_id": "rec-1-0"},
    "collections": {"data_categories": ["government_id"]},
    "processing": {"purpose_code": "product_news", "legal_basis": "contract", "automated_decision": True},
    "incidents": {"event_type": "closed", "incident_id": "inc-0"},
    "policies": {"event_type": "superseded", "policy_version": "v2"},
    "subject_links": {"other_ref": "C-1"},
    "remediations": {"owner": "Nobody", "note": "Said otherwise"},
}
"""What a source system recorded at first for one row in eight, by log: another content under the same event_id."""


def deliver(world: World, rows: Iterable[Row]) -> None:
    """Put rows into the inboxes of their logs, in the order given."""
    by_log: dict[str, list[Row]] = {}
    for row in rows:
        by_log.setdefault(row["log"], []).append({name: value for name, value in row.items() if name != "log"})
    for log, rows in by_log.items():
        world.deliver(rows, inbox=log)


def untidily(rows: Sequence[Row], days: Sequence[datetime], dice: Random, silent: Sequence[int] = ()) -> list[list[Row]]:
    """What arrives on each of the days; whatever arrives on none of them comes on the last.

    Args:
        rows: what happened.
        days: the instants of the deliveries, ascending.
        dice: chance.
        silent: positions of days on which nothing arrives.
    """
    heard = [number for number in range(len(days)) if number not in silent]
    arriving: list[list[Row]] = [[] for _ in days]
    for row in rows:
        happened = datetime.fromisoformat(row["occurred_at"])
        first = next((number for number in heard if days[number] >= happened), heard[-1])
        if dice.random() < 0.2:
            first = _not_before(heard, first + dice.randint(1, 8))
        arriving[first].append(row)
        if dice.random() < 0.125:
            arriving[dice.choice([number for number in heard if number <= first])].append(_wrong(row, days[first], dice))
        while dice.random() < 0.2:
            arriving[_not_before(heard, first + dice.randint(0, 6))].append(row)
    for rows in arriving:
        dice.shuffle(rows)
    return arriving


def contradicted(rows: Sequence[Row], dice: Random, count: int = 3) -> list[Row]:
    """Some of the rows again under the same id and revision, with another content."""
    return [row | WRONG[row["log"]] for row in dice.sample(rows, min(count, len(rows)))]


def _not_before(heard: Sequence[int], number: int) -> int:
    return next((day for day in heard if day >= number), heard[-1])


def _wrong(row: Row, arrives: datetime, dice: Random) -> Row:
    moved = datetime.fromisoformat(row["occurred_at"]) - timedelta(days=dice.choice((0, 1, 12)))
    return row | {"revision": 0, "occurred_at": min(moved, arrives).isoformat()} | WRONG[row["log"]]
