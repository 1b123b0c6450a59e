"""What a careful clerk would say about stops: which requests of a person forbid what follows, and until when.

Here: from the rows of the requests log to stops, and whether one binds an act, told from the words of the specification, one
request at a time. Not here: deadlines (deadlines.py), who is one person (persons.py), or what an act needs besides
(processing_log.py). Nothing is shared with the product's SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from oracles.events import ANSWERS, EVENT_TYPES
from oracles.happening import by_then

RIGHTS = ("erasure", "objection", "restriction", "opt_out_sale_share", "automated_decision")
Row = dict[str, Any]


@dataclass(frozen=True)
class Stop:
    """One right of one request that stops something, with everything that may end it."""

    namespace: str
    request_id: str
    right_type: str
    person_key: str
    stopped_at: datetime
    lifted_at: datetime | None
    collected_at: datetime | None
    purposes: frozenset[str] | None
    consents: tuple[tuple[str, datetime], ...]

    @property
    def request_key(self) -> str:
        """As the mart of requests calls it."""
        return f"{self.namespace}/{self.request_id}/{self.right_type}"

    def ends(self, purpose: str | None) -> datetime | None:
        """When it ends for a purpose (None: for one that nobody ever consented to)."""
        again = [at for code, at in self.consents if code == purpose and at > self.stopped_at]
        return min([at for at in (self.lifted_at, self.collected_at, *again) if at is not None], default=None)

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

        def row(purpose: str | None, others: list[str] | None) -> Row:
            return common | {"purpose_code": purpose, "ended_at": self.ends(purpose), "other_purposes": others}

        if self.purposes is not None:
            return [row(purpose, None) for purpose in sorted(self.purposes)]
        parted = sorted({code for code, _ in self.consents if self.ends(code) != self.ends(None)})
        return [*(row(purpose, None) for purpose in parted), row(None, parted)]


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
            told = _closing(events, right)
            if told is None:
                continue
            received, closing, lifted = told
            person = persons.get(received["subject_key"], received["subject_key"])
            later = [at for at in collected[person] if at > closing["occurred_at"]] if right == "erasure" else []
            found.append(
                Stop(
                    received["namespace"],
                    received["request_id"],
                    right,
                    person,
                    closing["occurred_at"],
                    lifted,
                    min(later, default=None),
                    frozenset(received["purpose_codes"]) if received.get("purpose_codes") else None,
                    tuple(consented[person]),
                )
            )
    return found


def _by_request(rows: Iterable[Row]) -> list[list[Row]]:
    requests: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        requests[row["namespace"], row["request_id"]].append(row)
    return list(requests.values())


def _closing(events: list[Row], right: str) -> tuple[Row, Row, datetime | None] | None:
    """What was received, what carried it out whole and when that was lifted; None if it stops nothing."""
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
    kinds = [event["event_type"] for event in about]
    begins = max((place for place, kind in enumerate(kinds) if kind == "reopened"), default=-1) + 1
    answers = [place for place in range(begins, len(kinds)) if kinds[place] in ANSWERS]
    if not answers or kinds[answers[0]] != "fulfilled" or received.get("role") == "processor":
        return None
    if "excluded" in kinds[begins:] or "withdrawn" in kinds[begins : answers[0]]:
        return None
    lifts = [event["occurred_at"] for event in about[answers[0] :] if event["event_type"] == "stop_lifted"]
    return received, about[answers[0]], min(lifts, default=None)
