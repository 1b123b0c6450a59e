"""Independent engine for consent: the decisions of each person, their intervals, and the reach of a withdrawal.

Here: state intervals, lapses, what can be proven, and the systems that a withdrawal has to reach, from the words of the
specification, one person and purpose at a time. Not here: which consents a request ends (withdrawal_requests.py), which version
of an event counts, or anything about files.
Nothing is shared with the product's SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from oracles.withdrawal_requests import Decision, Ending, Office, endings

DECISIONS = ("given", "renewed", "refused", "withdrawn", "expired", "invalidated")
CONSENTS = ("given", "renewed")
DEFAULT_HOURS = 72


@dataclass(frozen=True)
class ConsentEvent:
    """One event of the consents log."""

    namespace: str
    event_id: str
    occurred_at: datetime
    subject_key: str
    purpose_code: str
    event_type: str
    mechanism: str | None = "form"
    policy_version: str | None = None
    notice_id: str | None = None
    jurisdiction: str | None = None
    system: str | None = None


@dataclass(frozen=True)
class RequestedWithdrawal(ConsentEvent):
    """The withdrawal that a request brought about, in the place where the consents log should have one."""

    ending: Ending | None = None


@dataclass(frozen=True)
class Purpose:
    """One row of the pack's register of purposes."""

    purpose_code: str
    consent_valid_days: int | None = None
    withdrawal_hours: int | None = None
    systems: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the row is in force on a local day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class PolicyEvent:
    """One event in the life of a version of the policy."""

    policy_version: str
    event_type: str
    occurred_at: datetime


@dataclass(frozen=True)
class Knowledge:
    """What is known at one instant: events by then, the register of purposes, and the zone of its dates."""

    events: tuple[ConsentEvent, ...]
    policies: tuple[PolicyEvent, ...]
    register: tuple[Purpose, ...]
    zone: ZoneInfo
    as_of: datetime
    requests: tuple[dict[str, Any], ...] = ()
    persons: tuple[tuple[str, str], ...] = ()

    def hours(self, code: str, instant: datetime) -> int:
        """How long a withdrawal may take that takes effect at an instant."""
        purpose = self.purpose(code, instant)
        return DEFAULT_HOURS if purpose is None or purpose.withdrawal_hours is None else purpose.withdrawal_hours

    def limit(self, consent: ConsentEvent) -> datetime | None:
        """When a consent would lapse; None where it lasts."""
        purpose = self.purpose(consent.purpose_code, consent.occurred_at)
        if purpose is None or purpose.consent_valid_days is None:
            return None
        return consent.occurred_at + timedelta(hours=24 * purpose.consent_valid_days)

    @cached_property
    def endings(self) -> list[Ending]:
        """The consents that a request ended."""
        decisions = sorted((event for event in self.events if event.event_type in DECISIONS), key=_in_order)
        taken = [
            Decision(
                it.subject_key, it.purpose_code, it.occurred_at, it.event_type in CONSENTS,
                self.limit(it) if it.event_type in CONSENTS else None, f"{it.namespace}/{it.event_id}",
            )
            for it in decisions
            if it.occurred_at <= self.as_of
        ]  # fmt: skip
        return endings(self.requests, taken, Office(dict(self.persons), self.hours, self.zone, self.as_of))

    def purpose(self, code: str, instant: datetime) -> Purpose | None:
        """The pack's row of a purpose on the local day of an instant."""
        day = instant.astimezone(self.zone).date()
        return next((row for row in self.register if row.purpose_code == code and row.holds_on(day)), None)

    def was_in_force(self, policy_version: str | None, instant: datetime) -> bool:
        """Whether a version had become effective by then and was not superseded yet, by the first event of either."""
        versions = [
            event for event in self.policies if event.policy_version == policy_version and event.occurred_at <= self.as_of
        ]
        begins = [event.occurred_at for event in versions if event.event_type == "effective"]
        ends = [event.occurred_at for event in versions if event.event_type == "superseded"]
        return any(begin <= instant for begin in begins) and not any(end <= instant for end in ends)

    def histories(self) -> Iterator[tuple[list[ConsentEvent], list[ConsentEvent]]]:
        """Of each person and purpose: the decisions in order, and what systems confirmed."""
        histories: defaultdict[tuple[str, str], list[ConsentEvent]] = defaultdict(list)
        for event in self.events:
            if event.occurred_at <= self.as_of:
                histories[event.subject_key, event.purpose_code].append(event)
        for ending in self.endings:
            for key in ending.consented_under:
                named = (ending.landed["namespace"], ending.landed["event_id"], ending.at, key, ending.purpose_code, "withdrawn")
                histories[key, ending.purpose_code].append(
                    RequestedWithdrawal(*named, mechanism=None, jurisdiction=ending.jurisdiction, ending=ending)
                )
        for history in histories.values():
            decisions = [event for event in history if event.event_type in DECISIONS]
            decisions.sort(key=_in_order)
            yield decisions, [event for event in history if event.event_type == "withdrawal_applied"]


def _in_order(it: ConsentEvent) -> tuple[Any, ...]:
    return it.occurred_at, DECISIONS.index(it.event_type), it.event_id, it.namespace


def knowledge(
    events: Iterable[ConsentEvent],
    policies: Iterable[PolicyEvent],
    register: Iterable[Purpose],
    as_of: datetime,
    zone: str = "Europe/Dublin",
    requests: Iterable[dict[str, Any]] = (),
    persons: Iterable[tuple[str, str]] = (),
) -> Knowledge:
    """What was known at `as_of`; events in any order, requests to withdraw as rows of their log, and who is who."""
    logs = tuple(events), tuple(policies), tuple(register)
    return Knowledge(*logs, ZoneInfo(zone), as_of.astimezone(UTC), tuple(requests), tuple(persons))


def intervals(known: Knowledge) -> list[dict[str, Any]]:
    """Every state interval that had begun, by column name of the published mart."""
    return [row for decisions, _ in known.histories() for row in _intervals(decisions, known)]


def _intervals(decisions: list[ConsentEvent], known: Knowledge) -> Iterator[dict[str, Any]]:
    for place, decision in enumerate(decisions):
        following = decisions[place + 1] if place + 1 < len(decisions) else None
        ended_at = following.occurred_at if following else None
        consents = decision.event_type in CONSENTS
        lapse = _lapse(decision, ended_at, known) if consents else None
        about = {
            "subject_key": decision.subject_key,
            "purpose_code": decision.purpose_code,
            "mechanism": decision.mechanism,
            "jurisdiction": decision.jurisdiction,
            "policy_version": decision.policy_version,
            "notice_id": decision.notice_id,
            "namespace": decision.namespace,
            "event_id": decision.event_id,
            "event_type": decision.event_type,
            "request_key": None,
            "record_by": None,
            "recorded_in_time": None,
            "is_withdrawal": _withdraws(decision, decisions[place - 1] if place else None, known),
        }
        if isinstance(decision, RequestedWithdrawal) and (ending := decision.ending):
            about |= {"request_key": ending.request_key, "record_by": ending.record_by}
            about["recorded_in_time"] = _recorded_in_time(ending, known.as_of)
        follows = "request" if isinstance(following, RequestedWithdrawal) else "decision" if following else None
        yield about | {
            "state": "active" if consents else decision.event_type,
            "valid_from": decision.occurred_at,
            "valid_to": lapse or ended_at,
            "lapsed": False,
            "provable": _provable(decision, known) if consents else None,
            "version_in_force": known.was_in_force(decision.policy_version, decision.occurred_at) if consents else None,
            "is_first_decision": place == 0,
            "ended_by": "lapse" if lapse else follows,
        }
        if lapse is not None:
            yield about | {
                "state": "expired",
                "valid_from": lapse,
                "valid_to": ended_at,
                "lapsed": True,
                "provable": None,
                "version_in_force": None,
                "is_first_decision": False,
                "is_withdrawal": False,
                "ended_by": follows,
            }


def _lapse(consent: ConsentEvent, ended_at: datetime | None, known: Knowledge) -> datetime | None:
    """When the consent lapsed, if by now it has and nothing was decided at or before that instant."""
    lapse = known.limit(consent)
    if lapse is None or lapse > known.as_of or (ended_at is not None and ended_at <= lapse):
        return None
    return lapse


def _provable(consent: ConsentEvent, known: Knowledge) -> bool:
    if consent.policy_version is None or consent.notice_id is None:
        return False
    return known.was_in_force(consent.policy_version, consent.occurred_at)


def _recorded_in_time(ending: Ending, as_of: datetime) -> bool | None:
    if ending.recorded_at is not None and ending.recorded_at <= ending.record_by:
        return True
    return False if as_of >= ending.record_by else None


def _withdraws(decision: ConsentEvent, before: ConsentEvent | None, known: Knowledge) -> bool:
    """Whether systems have to stop because of it."""
    if isinstance(decision, RequestedWithdrawal):
        return decision.ending is not None and decision.subject_key == decision.ending.governing
    for ending in known.endings:
        if ending.purpose_code == decision.purpose_code and decision.subject_key in ending.identifiers:
            over = ending.again_at is not None and ending.again_at <= decision.occurred_at
            if ending.at < decision.occurred_at and not over:
                return False
    if decision.event_type == "refused":
        if before is None or before.event_type not in CONSENTS:
            return False
        limit = known.limit(before)
        return limit is None or decision.occurred_at <= limit
    return decision.event_type == "withdrawn"


def withdrawals(known: Knowledge) -> list[dict[str, Any]]:
    """Every system that a withdrawal had to reach, by column name of the published mart."""
    return [
        row
        for decisions, confirmations in known.histories()
        for place, decision in enumerate(decisions)
        if _withdraws(decision, decisions[place - 1] if place else None, known)
        for row in _systems(decision, decisions[place + 1 :], confirmations, known)
    ]


def _systems(
    withdrawal: ConsentEvent, later: list[ConsentEvent], confirmations: list[ConsentEvent], known: Knowledge
) -> list[dict[str, Any]]:
    purpose = known.purpose(withdrawal.purpose_code, withdrawal.occurred_at)
    if purpose is None:
        return []
    again = next((decision.occurred_at for decision in later if decision.event_type in CONSENTS), None)
    ending = withdrawal.ending if isinstance(withdrawal, RequestedWithdrawal) else None
    if ending is not None:
        again = ending.again_at
        confirmed = (
            it for it in known.events if it.event_type == "withdrawal_applied" and it.purpose_code == ending.purpose_code
        )
        confirmations = [it for it in confirmed if it.subject_key in ending.identifiers and it.occurred_at <= known.as_of]
    allowed_hours = known.hours(withdrawal.purpose_code, withdrawal.occurred_at)
    confirm_by = withdrawal.occurred_at + timedelta(hours=allowed_hours)
    rows = []
    for system in sorted(set(purpose.systems)):
        heard = [
            it
            for it in confirmations
            if it.system == system and it.occurred_at >= withdrawal.occurred_at and (again is None or it.occurred_at < again)
        ]
        first = min(heard, key=lambda it: (it.occurred_at, it.namespace, it.event_id), default=None)
        applied_at = first.occurred_at if first else None
        if applied_at is not None:
            status, in_time = "confirmed", applied_at <= confirm_by
        elif known.as_of < confirm_by:
            status, in_time = "pending", None
        else:
            status, in_time = "unconfirmed", False
        rows.append(
            {
                "subject_key": withdrawal.subject_key,
                "purpose_code": withdrawal.purpose_code,
                "withdrawn_at": withdrawal.occurred_at,
                "namespace": withdrawal.namespace,
                "event_id": withdrawal.event_id,
                "system": system,
                "applied_at": applied_at,
                "hours": (applied_at - withdrawal.occurred_at) / timedelta(hours=1) if applied_at else None,
                "status": status,
                "in_time": in_time,
                "withdrawal_hours": allowed_hours,
                "confirm_by": confirm_by,
                "consented_again_at": again,
                "applied_namespace": first.namespace if first else None,
                "applied_event_id": first.event_id if first else None,
                "request_key": ending.request_key if ending else None,
            }
        )
    complete = all(row["applied_at"] for row in rows)
    slowest = max((row["hours"] for row in rows), default=None) if complete else None
    return [row | {"complete": complete, "propagation_hours": slowest} for row in rows]
