"""People who decide under several identifiers and ask to withdraw by a request: random worlds in which instants meet.

Here: what the test of withdrawals by request lands, and what the oracle is given. Not here: any rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from consent_histories import FIRST_DAY, SYSTEMS, ZONE, register
from oracles.consents import DECISIONS, ConsentEvent, Knowledge, knowledge
from warehouse import Warehouse

TICK = timedelta(microseconds=1)
PURPOSES = ("lasting", "brief", "changing", "unlisted")
KINDS = (*("given",) * 8, "renewed", *("withdrawn",) * 2, *("refused",) * 2, *("withdrawal_applied",) * 5, *DECISIONS[4:])
HISTORIES: tuple[tuple[str, ...], ...] = (
    *((), ("fulfilled",), ("fulfilled",), ("fulfilled",), ("partially_fulfilled",), ("partially_fulfilled",), ("denied",)),
    *(("withdrawn",), ("excluded",), ("fulfilled", "reopened"), ("denied", "reopened", "fulfilled"), ("reopened", "denied")),
)
Row = dict[str, Any]


@dataclass
class Worlds:
    """Rows of each log, of all worlds together; a person is recognised by the number in the identifiers."""

    consents: list[ConsentEvent] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)

    def land(self, warehouse: Warehouse) -> Warehouse:
        warehouse.land([vars(event) | {"occurred_at": event.occurred_at.isoformat()} for event in self.consents], log="consents")
        warehouse.land(self.requests, log="requests")
        warehouse.land(self.links, log="subject_links")
        return warehouse

    def known(self, as_of: datetime) -> Knowledge:
        """The input of the oracle."""
        persons = [(key, row["subject_key"]) for row in self.links for key in (row["subject_key"], row["other_key"])]
        return knowledge(self.consents, (), register(), as_of, ZONE, self.requests, persons)


def worlds(count: int, seed: int) -> Worlds:
    """Worlds of one person each."""
    all_worlds = Worlds()
    for number in range(count):
        _add_person(Random(f"{seed} {number}"), number, all_worlds)
    return all_worlds


def _add_person(dice: Random, number: int, all_worlds: Worlds) -> None:
    keys = [f"{number:04d}a", f"{number:04d}b"][: dice.choice((1, 1, 2))]
    if len(keys) > 1:
        link = {"event_id": f"l{number}", "subject_key": keys[0], "other_key": keys[1]}
        all_worlds.links.append(link | {"occurred_at": FIRST_DAY - timedelta(days=9)})
    instants = [FIRST_DAY + timedelta(days=dice.randint(0, 8), hours=dice.choice((0, 12, 12, 23))) for _ in range(4)]
    codes = dice.sample(PURPOSES, dice.choice((1, 2)))

    def instant() -> datetime:
        return dice.choice(instants) + dice.choice((-TICK, TICK, *(timedelta(0),) * 4)) + timedelta(hours=dice.choice((0, 0, 24)))

    for step in range(dice.randint(1, 8)):
        kind = dice.choice(KINDS)
        system = dice.choice(SYSTEMS) if kind == "withdrawal_applied" else None
        who = (instant(), dice.choice(keys), dice.choice(codes))
        all_worlds.consents.append(ConsentEvent("consents", f"{number}-{step}", *who, kind, system=system))
    for step in range(dice.choice((1, 1, 2))):
        _ask(dice, f"r{number}-{step}", keys, sorted(instant() for _ in range(5)), all_worlds)


def _ask(dice: Random, request_id: str, keys: list[str], instants: list[datetime], all_worlds: Worlds) -> None:
    common = {"namespace": "requests", "request_id": request_id}

    def row(event_type: str, at: datetime, **columns: Any) -> None:
        about = {"event_id": f"{request_id}/{len(all_worlds.requests)}", "event_type": event_type, "occurred_at": at}
        all_worlds.requests.append(common | about | columns)

    due = instants[0] + timedelta(days=dice.randint(0, 4))
    row(
        "received", instants[0], subject_key=dice.choice(keys), right_type="consent_withdrawal", jurisdiction="IE",
        purpose_codes=dice.choice((None, None, [], ["brief"], ["lasting", "changing"])),
        regime_code="DECLARED", declared_due_at=dice.choice((due, due, None)),
    )  # fmt: skip
    for place, kind in enumerate(dice.choice(HISTORIES)):
        reason = {"denied": "exempt", "partially_fulfilled": "exempt", "excluded": "duplicate"}.get(kind)
        codes = dice.choice((None, ["brief"], ["lasting"])) if kind == "partially_fulfilled" else None
        right = dice.choice((None, "consent_withdrawal"))
        row(kind, instants[1 + place], reason_code=reason, purpose_codes=codes, right_type=right, subject_key=None)
