"""What a careful clerk would say about consent: what each person had agreed to, when, and whether a withdrawal got through.

Here: state intervals, lapses, what can be proven, and the systems that a withdrawal has to reach, told from the words of the
specification, one person and purpose at a time. Not here: which version of an event counts, or anything about files.
Nothing is shared with the product's SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DECISIONS = ("given", "renewed", "refused", "withdrawn", "expired", "invalidated")
CONSENTS = ("given", "renewed")
DEFAULT_HOURS = 72


@dataclass(frozen=True)
class Said:
    """One event of the consents log."""

    namespace: str
    event_id: str
    occurred_at: datetime
    subject_key: str
    purpose_code: str
    event_type: str
    mechanism: str = "form"
    policy_version: str | None = None
    notice_id: str | None = None
    jurisdiction: str | None = None
    system: str | None = None


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

    events: tuple[Said, ...]
    policies: tuple[PolicyEvent, ...]
    register: tuple[Purpose, ...]
    zone: ZoneInfo
    as_of: datetime

    def purpose(self, code: str, instant: datetime) -> Purpose | None:
        """What the pack said of a purpose on the local day of an instant."""
        day = instant.astimezone(self.zone).date()
        return next((row for row in self.register if row.purpose_code == code and row.holds_on(day)), None)

    def was_in_force(self, policy_version: str | None, instant: datetime) -> bool:
        """Whether a version had become effective by then and was not superseded yet, by the first that is told of either."""
        told = [event for event in self.policies if event.policy_version == policy_version and event.occurred_at <= self.as_of]
        begins = [event.occurred_at for event in told if event.event_type == "effective"]
        ends = [event.occurred_at for event in told if event.event_type == "superseded"]
        return any(begin <= instant for begin in begins) and not any(end <= instant for end in ends)

    def stories(self) -> Iterator[tuple[list[Said], list[Said]]]:
        """Of each person and purpose: the decisions in order, and what systems confirmed."""
        stories: defaultdict[tuple[str, str], list[Said]] = defaultdict(list)
        for event in self.events:
            if event.occurred_at <= self.as_of:
                stories[event.subject_key, event.purpose_code].append(event)
        for story in stories.values():
            decisions = [event for event in story if event.event_type in DECISIONS]
            decisions.sort(key=lambda it: (it.occurred_at, DECISIONS.index(it.event_type), it.event_id, it.namespace))
            yield decisions, [event for event in story if event.event_type == "withdrawal_applied"]


def knowledge(
    events: Iterable[Said],
    policies: Iterable[PolicyEvent],
    register: Iterable[Purpose],
    as_of: datetime,
    zone: str = "Europe/Dublin",
) -> Knowledge:
    """What was known at `as_of`; events in any order."""
    return Knowledge(tuple(events), tuple(policies), tuple(register), ZoneInfo(zone), as_of.astimezone(UTC))


def intervals(known: Knowledge) -> list[dict[str, Any]]:
    """Every state interval that had begun, by column name of the published mart."""
    return [row for decisions, _ in known.stories() for row in _intervals(decisions, known)]


def _intervals(decisions: list[Said], known: Knowledge) -> Iterator[dict[str, Any]]:
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
        }
        yield about | {
            "state": "active" if consents else decision.event_type,
            "valid_from": decision.occurred_at,
            "valid_to": lapse or ended_at,
            "lapsed": False,
            "provable": _provable(decision, known) if consents else None,
            "is_first_decision": place == 0,
        }
        if lapse is not None:
            yield about | {
                "state": "expired",
                "valid_from": lapse,
                "valid_to": ended_at,
                "lapsed": True,
                "provable": None,
                "is_first_decision": False,
            }


def _lapse(consent: Said, ended_at: datetime | None, known: Knowledge) -> datetime | None:
    """When the consent lapsed, if by now it has and nothing was decided at or before that instant."""
    purpose = known.purpose(consent.purpose_code, consent.occurred_at)
    if purpose is None or purpose.consent_valid_days is None:
        return None
    lapse = consent.occurred_at + timedelta(hours=24 * purpose.consent_valid_days)
    if lapse > known.as_of or (ended_at is not None and ended_at <= lapse):
        return None
    return lapse


def _provable(consent: Said, known: Knowledge) -> bool:
    if consent.policy_version is None or consent.notice_id is None:
        return False
    return known.was_in_force(consent.policy_version, consent.occurred_at)


def withdrawals(known: Knowledge) -> list[dict[str, Any]]:
    """Every system that a withdrawal had to reach, by column name of the published mart."""
    return [
        row
        for decisions, confirmations in known.stories()
        for place, decision in enumerate(decisions)
        if decision.event_type == "withdrawn"
        for row in _systems(decision, decisions[place + 1 :], confirmations, known)
    ]


def _systems(withdrawal: Said, later: list[Said], confirmations: list[Said], known: Knowledge) -> list[dict[str, Any]]:
    purpose = known.purpose(withdrawal.purpose_code, withdrawal.occurred_at)
    if purpose is None:
        return []
    again = next((decision.occurred_at for decision in later if decision.event_type in CONSENTS), None)
    patience = DEFAULT_HOURS if purpose.withdrawal_hours is None else purpose.withdrawal_hours
    confirm_by = withdrawal.occurred_at + timedelta(hours=patience)
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
                "withdrawal_hours": patience,
                "confirm_by": confirm_by,
                "consented_again_at": again,
                "applied_namespace": first.namespace if first else None,
                "applied_event_id": first.event_id if first else None,
            }
        )
    complete = all(row["applied_at"] for row in rows)
    slowest = max((row["hours"] for row in rows), default=None) if complete else None
    return [row | {"complete": complete, "propagation_hours": slowest} for row in rows]
