"""The events of one (request, right) in the order that the law sees them.

Here: which events concern a right, their order, their local dates, and how long each question stayed unanswered. Not here:
what any of it means (deadlines.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from oracles.clock import Wait

EVENT_TYPES = (
    "received", "acknowledged", "identity_requested", "identity_verified", "clarification_requested",
    "clarification_received", "fee_requested", "fee_paid", "extended", "extension_revoked", "forwarded_to_controller",
    "system_completed", "fulfilled", "partially_fulfilled", "denied", "withdrawn", "excluded", "reopened", "stop_lifted",
)  # fmt: skip
ANSWERS = ("fulfilled", "partially_fulfilled", "denied")
QUESTIONS = {
    "identity": ("identity_requested", "identity_verified"),
    "clarification": ("clarification_requested", "clarification_received"),
    "fee": ("fee_requested", "fee_paid"),
}


@dataclass(frozen=True)
class Event:
    """One row of the requests log, as far as deadlines look at it; `delivered_at` unless a first day's delivery brought it."""

    event_type: str
    occurred_at: datetime
    right_type: str | None = None
    reason_code: str | None = None
    declared_due_at: datetime | None = None
    regime_code: str | None = None
    role: str | None = None
    recorded_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True)
class Place:
    """The configured place of a person; `before` a day it may have been another one."""

    regime_code: str | None
    calendar: str | None
    time_zone: str
    before: tuple[date, Place] | None = None

    def on(self, received: date) -> Place:
        """The place of a request received on that day."""
        if self.before is not None and received < self.before[0]:
            return self.before[1].on(received)
        return self


@dataclass(frozen=True)
class Unit:
    """The events of one (request, right) in order, with their local dates."""

    events: tuple[Event, ...]
    dates: tuple[date, ...]

    def places(self, *event_types: str) -> list[int]:
        return [place for place, event in enumerate(self.events) if event.event_type in event_types]


def unit_of(events: Iterable[Event], right_type: str, zone: ZoneInfo, as_of: datetime) -> Unit | None:
    known = [event for event in events if event.occurred_at <= as_of]
    receipts = [e.occurred_at for e in known if e.event_type == "received" and e.right_type == right_type]
    if not receipts:
        return None
    mine = [e for e in known if e.right_type == right_type or (e.right_type is None and e.occurred_at >= min(receipts))]
    mine.sort(key=lambda event: (event.occurred_at, EVENT_TYPES.index(event.event_type)))
    return Unit(tuple(mine), tuple(event.occurred_at.astimezone(zone).date() for event in mine))


def waits_of(unit: Unit, kind: str) -> list[Wait]:
    """Each question of a kind, open until the next answer of its kind."""
    question, answer = QUESTIONS[kind]
    waits: list[Wait] = []
    asked: int | None = None
    for place in unit.places(question, answer):
        if unit.events[place].event_type == question:
            asked = place if asked is None else asked
        elif asked is not None:
            waits.append(Wait(kind, unit.dates[asked], unit.dates[place], asked, place))
            asked = None
    if asked is not None:
        waits.append(Wait(kind, unit.dates[asked], None, asked, None))
    return waits
