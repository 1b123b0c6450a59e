"""Independent engine for the roll-forward: which requests were open on each evening, from their events alone.

Here: the movements of one right of a request and whether it was open on an evening, from the words of the specification. The two
are written apart from one another, so that their agreement means something. Not here: due dates.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from oracles.events import ANSWERS, EVENT_TYPES, Event

LEAVES = ("withdrawn", "excluded")


def letters(events: Sequence[Event], right_type: str) -> tuple[Event, list[Event]]:
    """The receipt of a right, and in order what concerns it."""
    received = min((e for e in events if e.event_type == "received" and e.right_type == right_type), key=lambda e: e.occurred_at)
    concerning = [
        event
        for event in events
        if event.event_type in (*ANSWERS, *LEAVES, "reopened")
        and (event.right_type == right_type or (event.right_type is None and event.occurred_at >= received.occurred_at))
    ]
    return received, sorted(concerning, key=lambda event: (event.occurred_at, EVENT_TYPES.index(event.event_type)))


def movements(events: Sequence[Event], right_type: str, zone: str) -> list[tuple[str, date]]:
    """Each coming and going, with its local date; nobody goes before he came."""
    received, concerning = letters(events, right_type)
    came = _day(received, zone)
    moves = [("received", came)]
    if received.role == "processor":
        return [*moves, ("excluded", came)]
    is_open = True
    for event in concerning:
        if event.event_type == "reopened":
            if not is_open:
                moves.append(("reopened", max(came, _day(event, zone))))
            is_open = True
        elif is_open:
            moves.append(("excluded" if event.event_type in LEAVES else "answered", max(came, _day(event, zone))))
            is_open = False
    return moves


def was_open(events: Sequence[Event], right_type: str, zone: str, before: date) -> bool:
    """Whether it was open on the evening before a day, as it was known then.

    Closed by the first answer after the last reopening; gone with an exclusion after it, or a withdrawal before an answer.
    """
    received, concerning = letters(events, right_type)
    if _day(received, zone) >= before or received.role == "processor":
        return False
    by_then = [event for event in concerning if _day(event, zone) < before]
    last = max((number for number, event in enumerate(by_then) if event.event_type == "reopened"), default=-1)
    since = by_then[last + 1 :]
    return not any(event.event_type in (*ANSWERS, *LEAVES) for event in since)


def _day(event: Event, zone: str) -> date:
    return event.occurred_at.astimezone(ZoneInfo(zone)).date()
