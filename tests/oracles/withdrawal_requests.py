"""Independent engine for requests to withdraw consent: which consent each of them ends, and at which instant.

Here: from the rows of the requests log, with due dates that the source declares, to endings, one person at a time and from the
words of the specification. Not here: what follows from an ending (consents.py), or how a law counts (deadlines.py). Nothing is
shared with the product's SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oracles.events import ANSWERS, EVENT_TYPES

Row = dict[str, Any]


@dataclass(frozen=True)
class Decision:
    """One decision of the consents log, with the instant at which it lapses if it is a consent that does."""

    subject_key: str
    purpose_code: str
    at: datetime
    is_consent: bool
    lapses_at: datetime | None
    event_id: str


@dataclass(frozen=True)
class Ending:
    """A consent that a request ended: once per request and purpose."""

    request_key: str
    purpose_code: str
    at: datetime
    landed: Row
    jurisdiction: str | None
    governing: str
    consented_under: tuple[str, ...]
    identifiers: tuple[str, ...]
    recorded_at: datetime | None
    again_at: datetime | None
    record_by: datetime


@dataclass(frozen=True)
class Office:
    """What lies beside the requests: who is who, the hours of a purpose on a day, the zone of the desk, and when one looks."""

    persons: Mapping[str, str]
    hours: Callable[[str, datetime], int]
    zone: ZoneInfo
    as_of: datetime

    def person(self, key: str) -> str:
        return self.persons.get(key, key)


def endings(requests: Iterable[Row], decisions: Iterable[Decision], office: Office) -> list[Ending]:
    """Every consent that a request ended.

    Args:
        requests: rows of `consent_withdrawal` requests, whenever they happened.
        decisions: of everybody, in the order in which they were taken.
        office: what lies beside them.
    """
    by_purpose: dict[tuple[str, str], list[Decision]] = defaultdict(list)
    for decision in decisions:
        by_purpose[office.person(decision.subject_key), decision.purpose_code].append(decision)
    wanted: dict[tuple[str, str], list[tuple[datetime, str, Row, Row]]] = defaultdict(list)
    for events in _by_request(row for row in requests if row["occurred_at"] <= office.as_of):
        received = next(row for row in events if row["event_type"] == "received")
        person = office.person(received["subject_key"])
        for one, purpose in [*by_purpose]:
            if one == person and (effect := _effect(events, purpose, office)):
                key = f"{received['namespace']}/{received['request_id']}/consent_withdrawal"
                wanted[person, purpose].append((effect["at"], key, effect["landed"], received))
    found = []
    for (person, purpose), effects in wanted.items():
        over: set[str] = set()
        for at, key, landed, received in sorted(effects, key=lambda it: it[:2]):
            consent, later = _standing(by_purpose[person, purpose], at)
            if consent is None or consent.event_id in over:
                continue
            over.add(consent.event_id)
            alike = {it.subject_key for it in by_purpose[person, purpose]}
            under = [
                key for key in alike if _standing([it for it in by_purpose[person, purpose] if it.subject_key == key], at)[0]
            ]
            identifiers = {person, *(key for key, one in office.persons.items() if one == person)}
            found.append(
                Ending(
                    key, purpose, at, landed, received.get("jurisdiction"), consent.subject_key,
                    tuple(sorted(under)), tuple(sorted(identifiers)),
                    later[0].at if later else None, next((it.at for it in later if it.is_consent), None),
                    at + timedelta(hours=office.hours(purpose, at)),
                )
            )  # fmt: skip
    return found


def _by_request(rows: Iterable[Row]) -> list[list[Row]]:
    requests: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        requests[row["namespace"], row["request_id"]].append(row)
    for events in requests.values():
        events.sort(key=lambda row: (row["occurred_at"], EVENT_TYPES.index(row["event_type"]), row["event_id"]))
    return [events for events in requests.values() if any(row["event_type"] == "received" for row in events)]


def _effect(events: list[Row], purpose: str, office: Office) -> Row | None:
    """When the request takes effect for a purpose, and the event that records it; None if it does not."""
    received = next(row for row in events if row["event_type"] == "received")
    since_reopened = events[max((n for n, row in enumerate(events) if row["event_type"] == "reopened"), default=-1) + 1 :]
    answer = next((row for row in since_reopened if row["event_type"] in ANSWERS), None)
    gone = [row for row in since_reopened if row["event_type"] in ("withdrawn", "excluded")]
    if any(row["event_type"] == "excluded" or answer is None or events.index(row) < events.index(answer) for row in gone):
        return None
    limit = _limit(events, purpose, office)
    asked, turn = received.get("purpose_codes") or None, None
    for row in events:
        if row["occurred_at"] < limit and row["event_type"] in (*ANSWERS, "reopened"):
            turn = row["event_type"]
    if turn not in ANSWERS:
        unanswered: datetime | None = limit
    else:
        unanswered = next((r["occurred_at"] for r in events if r["event_type"] == "reopened" and r["occurred_at"] >= limit), None)
    if unanswered is not None and unanswered <= office.as_of:
        return {"at": unanswered, "landed": received} if asked is None or purpose in asked else None
    if answer is None or answer["event_type"] == "denied":
        return None
    if answer["event_type"] == "partially_fulfilled":
        asked = answer.get("purpose_codes") or asked
    return {"at": answer["occurred_at"], "landed": answer} if asked is None or purpose in asked else None


def _limit(events: list[Row], purpose: str, office: Office) -> datetime:
    """Until when it has to be answered: the end of the declared day, or so many hours where nobody declares one."""
    declared = [row["declared_due_at"] for row in events if row.get("declared_due_at")]
    received = next(row for row in events if row["event_type"] == "received")["occurred_at"]
    if not declared:
        return received + timedelta(hours=office.hours(purpose, received))
    day = declared[-1].astimezone(office.zone).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=office.zone).astimezone(UTC)


def _standing(decisions: list[Decision], at: datetime) -> tuple[Decision | None, list[Decision]]:
    """The consent that stands at an instant, and what was decided later."""
    by_then = [it for it in decisions if it.at <= at]
    later = decisions[len(by_then) :]
    last = by_then[-1] if by_then else None
    if last is None or not last.is_consent or (last.lapses_at is not None and last.lapses_at <= at):
        return None, later
    return last, later
