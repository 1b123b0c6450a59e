"""Independent engine for stops: which requests of a person stop processing, from when and until when.

Here: from the rows of the requests log to stops and to pending requests, and whether one covers an act, from the words of the
specification, one request at a time. Not here: deadlines (deadlines.py), who is one person (persons.py), or other checks of an
act (processing_log.py). Nothing is shared with the product's SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oracles.events import ANSWERS, EVENT_TYPES
from oracles.occurrence import by_then

RIGHTS = ("erasure", "objection", "restriction", "opt_out_sale_share", "automated_decision")
COUNTED_WHILE_PENDING = ("objection", "restriction")
PLACE = ZoneInfo("Europe/Dublin")
TICK = timedelta(microseconds=1)
Row = dict[str, Any]


@dataclass(frozen=True)
class Stop:
    """One right of one request that stops something from some instant on, with everything that may end it.

    `knows_scope` is False for an answer in part that names no purpose. `answered_at` ends what nobody had answered in time.
    """

    namespace: str
    request_id: str
    right_type: str
    person_key: str
    stopped_at: datetime
    lifted_at: datetime | None
    collected_at: datetime | None
    purposes: frozenset[str] | None
    consents: tuple[tuple[str, datetime], ...]
    knows_scope: bool = True
    answered_at: datetime | None = None

    @property
    def request_key(self) -> str:
        """As the mart of requests calls it."""
        return f"{self.namespace}/{self.request_id}/{self.right_type}"

    def ends(self, purpose: str | None) -> datetime | None:
        """When it ends for a purpose (None: for one that nobody ever consented to)."""
        again = [at for code, at in self.consents if code == purpose and at > self.stopped_at]
        ends = (self.lifted_at, self.answered_at, self.collected_at, *again)
        return min([at for at in ends if at is not None], default=None)

    def binds(self, purpose: str, at: datetime) -> bool:
        """Whether an act for that purpose at that instant is forbidden by it."""
        if self.purposes is not None and purpose not in self.purposes:
            return False
        end = self.ends(purpose)
        return self.stopped_at < at and (end is None or at < end)

    def is_in_force(self, at: datetime) -> bool:
        """Whether an act for some purpose at that instant would be forbidden by it."""
        if self.purposes is not None:
            return any(self.binds(purpose, at) for purpose in self.purposes)
        end = self.ends(None)
        return self.stopped_at < at and (end is None or at < end)

    def rows(self) -> list[Row]:
        """As the warehouse keeps it: purpose by purpose, where the purposes part."""
        common = {"namespace": self.namespace, "request_id": self.request_id, "right_type": self.right_type}
        common |= {"person_key": self.person_key, "request_key": self.request_key, "stopped_at": self.stopped_at}
        common |= {"is_scope_known": self.knows_scope}

        def row(purpose: str | None, others: list[str] | None) -> Row:
            return common | {"purpose_code": purpose, "ended_at": self.ends(purpose), "other_purposes": others}

        if self.purposes is not None:
            return [row(purpose, None) for purpose in sorted(self.purposes)]
        parted = sorted({code for code, _ in self.consents if self.ends(code) != self.ends(None)})
        return [*(row(purpose, None) for purpose in parted), row(None, parted)]


@dataclass(frozen=True)
class Wait:
    """One right of one request while nobody has answered it: after `since` and before `ends` (None: still)."""

    request_key: str
    right_type: str
    person_key: str
    purposes: frozenset[str] | None
    since: datetime
    ends: datetime | None

    def lasts(self, at: datetime) -> bool:
        """Whether an act at that instant was done meanwhile."""
        return self.since < at and (self.ends is None or at < self.ends)

    def covers(self, purpose: str) -> bool:
        """Whether the request asks for that purpose to end."""
        return self.purposes is None or purpose in self.purposes

    def rows(self) -> list[Row]:
        """As the warehouse keeps it: purpose by purpose."""
        common = {"request_key": self.request_key, "right_type": self.right_type, "person_key": self.person_key}
        common |= {"pending_since": self.since, "ended_at": self.ends}
        return [common | {"purpose_code": purpose} for purpose in sorted(self.purposes or ()) or (None,)]


def waits(requests: list[Row], persons: dict[str, str], as_of: datetime) -> list[Wait]:
    """Every time for which an objection or a restriction waited for an answer.

    Args:
        requests: rows of the log, whenever they happened.
        persons: the person_key of each identifier that has another than itself.
        as_of: when one looks.
    """
    found = []
    for events in _by_request(by_then(requests, as_of)):
        for right in sorted({event["right_type"] for event in events if event["event_type"] == "received"} & {*RIGHTS}):
            asked = _asked(events, right)
            if asked is None or right not in COUNTED_WHILE_PENDING:
                continue
            received, about = asked
            key = f"{received['namespace']}/{received['request_id']}/{right}"
            purposes = frozenset(received.get("purpose_codes") or ()) or None
            person = persons.get(received["subject_key"], received["subject_key"])
            overdue = min(_waits_from(about, as_of), default=None)
            for since, answered in _unanswered(about, received["occurred_at"]):
                ends = min((at for at in (answered, overdue) if at is not None), default=None)
                if ends is None or since + TICK < ends:
                    found.append(Wait(key, right, person, purposes, since, ends))
    return found


def _unanswered(about: list[Row], received_at: datetime) -> list[tuple[datetime, datetime | None]]:
    """From the receipt until an answer, and again from a reopening of what was answered; an act at the instant of the answer
    was done before it."""
    found: list[tuple[datetime, datetime | None]] = []
    since: datetime | None = received_at
    for event in about:
        if event["event_type"] in ANSWERS and since is not None:
            found.append((since, event["occurred_at"] + TICK))
            since = None
        elif event["event_type"] == "reopened" and since is None:
            since = max(event["occurred_at"], received_at)
    return found if since is None else [*found, (since, None)]


def stops(
    requests: list[Row], consents: list[Row], collections: list[Row], persons: dict[str, str], as_of: datetime
) -> list[Stop]:
    """Every stop of everybody.

    Args:
        requests: rows of the log, whenever they happened; so are the others.
        consents: of which `given` and `renewed` end a stop for a purpose.
        collections: of which the person's first later one ends an erasure.
        persons: the person_key of each identifier that has another than itself.
        as_of: when one looks.
    """
    consented, collected = defaultdict(list), defaultdict(list)
    for row in by_then(consents, as_of):
        if row["event_type"] in ("given", "renewed"):
            consented[persons.get(row["subject_key"], row["subject_key"])].append((row["purpose_code"], row["occurred_at"]))
    for row in by_then(collections, as_of):
        collected[persons.get(row["subject_key"], row["subject_key"])].append(row["occurred_at"])
    found = []
    for events in _by_request(by_then(requests, as_of)):
        for right in sorted({event["right_type"] for event in events if event["event_type"] == "received"} & {*RIGHTS}):
            for begun in _begun(events, right, as_of):
                person = persons.get(begun.received["subject_key"], begun.received["subject_key"])
                later = [at for at in collected[person] if at > begun.stopped_at] if right == "erasure" else []
                found.append(
                    Stop(
                        begun.received["namespace"],
                        begun.received["request_id"],
                        right,
                        person,
                        begun.stopped_at,
                        begun.lifted_at,
                        min(later, default=None),
                        frozenset(begun.purposes) if begun.purposes else None,
                        tuple(consented[person]),
                        begun.knows_scope,
                        begun.answered_at,
                    )
                )
    return found


def _by_request(rows: Iterable[Row]) -> list[list[Row]]:
    requests: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        requests[row["namespace"], row["request_id"]].append(row)
    return list(requests.values())


@dataclass(frozen=True)
class _Begun:
    received: Row
    stopped_at: datetime
    lifted_at: datetime | None
    purposes: list[str] | None
    knows_scope: bool = True
    answered_at: datetime | None = None


def _asked(events: list[Row], right: str) -> tuple[Row, list[Row]] | None:
    """The receipt of one right and everything about it in order; nothing where it left the population."""
    received = min(
        (event for event in events if event["event_type"] == "received" and event["right_type"] == right),
        key=lambda event: (event["occurred_at"], event["event_id"]),
    )
    about = [
        event
        for event in events
        if event["right_type"] == right or (event["right_type"] is None and event["occurred_at"] >= received["occurred_at"])
    ]
    about.sort(key=lambda event: (event["occurred_at"], EVENT_TYPES.index(event["event_type"])))
    begins = max((place for place, it in enumerate(about) if it["event_type"] == "reopened"), default=-1) + 1
    since = [event["event_type"] for event in about[begins:]]
    asked_until_then = [event["event_type"] for event in about[begins : _answer(about)]]
    if received.get("role") == "processor" or "excluded" in since or "withdrawn" in asked_until_then:
        return None
    return received, about


def _answer(about: list[Row]) -> int | None:
    """The place of the first answer since what was reopened last."""
    begins = max((place for place, it in enumerate(about) if it["event_type"] == "reopened"), default=-1) + 1
    return next((place for place in range(begins, len(about)) if about[place]["event_type"] in ANSWERS), None)


def _begun(events: list[Row], right: str, as_of: datetime) -> list[_Begun]:
    """The stops of one right: by what carried it out, and by the time for an answer that went by."""
    asked = _asked(events, right)
    if asked is None:
        return []
    received, about = asked
    found, answer = [], _answer(about)
    if answer is not None and about[answer]["event_type"] != "denied":
        at, kind = about[answer]["occurred_at"], about[answer]["event_type"]
        lifted = _first_lift(about, at)
        if kind == "fulfilled":
            found.append(_Begun(received, at, lifted, received.get("purpose_codes")))
        else:
            closing = min(
                (event for event in about if (event["occurred_at"], event["event_type"]) == (at, kind)),
                key=lambda event: (event["right_type"] is None, event["event_id"]),
            )
            found.append(_Begun(received, at, lifted, closing.get("purpose_codes"), bool(closing.get("purpose_codes"))))
    return found + [
        _Begun(received, at - TICK, _first_lift(about, at), received.get("purpose_codes"), True, _ends_waiting(about, at))
        for at in _waits_from(about, as_of)
    ]


def _first_lift(about: list[Row], since: datetime) -> datetime | None:
    lifts = [it["occurred_at"] for it in about if it["event_type"] == "stop_lifted" and it["occurred_at"] >= since]
    return min(lifts, default=None)


def _ends_waiting(about: list[Row], since: datetime) -> datetime | None:
    """A denial at its instant; an answer in part binds what comes after it. Of one instant a reopening comes after an answer."""
    reopened = any(it["event_type"] == "reopened" and it["occurred_at"] == since for it in about)
    after = [it for it in about if it["occurred_at"] > since or (it["occurred_at"] == since and not reopened)]
    denials = [it["occurred_at"] for it in after if it["event_type"] == "denied"]
    parts = [it["occurred_at"] + TICK for it in after if it["event_type"] == "partially_fulfilled"]
    return min((*denials, *parts), default=None)


def _waits_from(about: list[Row], as_of: datetime) -> list[datetime]:
    """From when nobody has answered though the time is over: the morning after the declared day, and each reopening since.

    Here a request is due on the day that its source declares, the only kind of due date that the worlds of stops have.
    """
    claims = [
        (event["occurred_at"], EVENT_TYPES.index(event["event_type"]), event["declared_due_at"])
        for event in about
        if event.get("declared_due_at")
    ]
    if not claims:
        return []
    over = datetime.combine(max(claims)[-1].astimezone(PLACE).date() + timedelta(days=1), time(), PLACE).astimezone(UTC)
    before = [
        event["event_type"] for event in about if event["occurred_at"] < over and event["event_type"] in (*ANSWERS, "reopened")
    ]
    reopened = [it["occurred_at"] for it in about if it["event_type"] == "reopened" and it["occurred_at"] >= over]
    waits = reopened if before and before[-1] in ANSWERS else [over, *reopened]
    return sorted({at for at in waits if at <= as_of})
