"""Independent engine for one group of findings: where it stands after what was done about it.

Here: the state of a group from its own acts and cases, read from the table of states in words; the figures of all groups; what
of its acts the pack does not allow. Not here: which findings share a group, or what an act needs to land. Nothing is shared with
the SQL.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from oracles.occurrence import by_then

IN_ORDER = ("assigned", "commented", "accepted", "resolved", "reopened")
Act = dict[str, Any]


def effective(acts: list[Act], as_of: datetime) -> list[Act]:
    """The acts about groups that count, in order: those that had happened and that their author did not withdraw."""
    happened = by_then(acts, as_of)
    struck = [
        (act["namespace"], act["withdrawn_event_id"], act["subject_key"], act["occurred_at"])
        for act in happened
        if act["event_type"] == "withdrawn"
    ]

    def is_struck(act: Act) -> bool:
        own = (act["namespace"], act["event_id"], act["subject_key"])
        return any(own == (space, event, person) and at >= act["occurred_at"] for space, event, person, at in struck)

    left = [act for act in happened if act["event_type"] in IN_ORDER and not is_struck(act)]
    return sorted(
        left, key=lambda act: (act["occurred_at"], IN_ORDER.index(act["event_type"]), act["namespace"], act["event_id"])
    )


def evaluate(
    acts: list[Act], cases: list[datetime], severity: str | None, longest: dict[str, int], as_of: datetime, zone: str
) -> dict[str, Any]:
    """Where a group stands.

    Args:
        acts: those of the group that count, in order.
        cases: when its findings happened.
        severity: of its findings; None where there is none.
        longest: the days for which findings of a severity may be accepted.
        as_of: when one looks.
        zone: the organisation's.
    """
    today = as_of.astimezone(ZoneInfo(zone)).date()
    assigned: Act | None = None
    stands: Act | None = None  # the last assignment, resolution or reopening
    acceptance: Act | None = None
    for act in acts:
        if act["event_type"] == "assigned":
            assigned = stands = act
        elif act["event_type"] == "accepted":
            acceptance = act
        elif act["event_type"] in ("resolved", "reopened"):
            stands, acceptance = act, None
    state, reason, new_case = _beneath(stands, cases, today)
    until = None if acceptance is None else _last_day(acceptance, severity, longest, zone)
    decided = stands
    if not cases:
        state, reason, decided = "resolved", "no_case_left", None
    elif acceptance is not None and until is not None:
        if today <= until:
            state, reason, decided = "accepted", None, acceptance
        else:
            reason = "acceptance_expired"
    last = acts[-1] if acts else {}
    return {
        "state": state,
        "state_reason": reason,
        "is_open": state not in ("accepted", "resolved"),
        "cases": len(cases),
        "owner": assigned["owner"] if assigned else None,
        "due_date": assigned["due_date"] if assigned else None,
        "overdue_days": (today - _day(assigned["due_date"])).days if assigned and state == "overdue" else None,
        "accepted_until": until,
        "note": decided["note"] if decided else None,
        "decided_at": decided["occurred_at"] if decided else None,
        "decided_by": decided["subject_key"] if decided else None,
        "new_case_at": new_case if reason == "new_cases" else None,
        "acts": len(acts),
        "last_event_id": last.get("event_id"),
    }


def not_allowed(
    acts: list[Act], severity: str | None, longest: dict[str, int], listed: set[str], as_of: datetime, zone: str
) -> set[tuple[str, str, str]]:
    """What of a group's acts the pack does not allow: finding code, namespace and event id.

    Args:
        acts: those of the group that count, in order.
        severity: of its findings; None where there is none, so that nothing can be compared.
        longest: the days for which findings of a severity may be accepted.
        listed: the owners that the pack lists.
        as_of: when one looks.
        zone: the organisation's.
    """
    if severity is None:
        return set()
    assignment: Act | None = None
    acceptance: Act | None = None
    for act in acts:
        if act["event_type"] == "assigned":
            assignment = act
        elif act["event_type"] != "commented":
            acceptance = act if act["event_type"] == "accepted" else None
    found = set()
    if assignment is not None and assignment["owner"] not in listed:
        found.add(("owner_not_listed", assignment["namespace"], assignment["event_id"]))
    if acceptance is not None:
        allowed = _last_day(acceptance, severity, longest, zone)
        if as_of.astimezone(ZoneInfo(zone)).date() <= allowed < _day(acceptance["accepted_until"]):
            found.add(("acceptance_too_long", acceptance["namespace"], acceptance["event_id"]))
    return found


def figures(
    groups: list[dict[str, Any]], cases: list[dict[str, Any]], as_of: datetime, zone: str
) -> dict[tuple[str, ...], float]:
    """Every figure of the groups by metric, dimension and value; those of nothing are left out.

    Args:
        groups: by group_key, with state, severity, accepted_until and whether acceptance and owner are as the pack allows.
        cases: with their group_key, severity and instant; None where it is not known.
        as_of: when one looks.
        zone: the organisation's.
    """
    today = as_of.astimezone(ZoneInfo(zone)).date()
    by_key = {group["group_key"]: group for group in groups}
    found: dict[tuple[str, ...], float] = {}
    ages: dict[tuple[str, ...], list[int]] = {}

    def add(code: str, number: int, **values: str) -> None:
        for dimension, value in [("all", "all"), *values.items()]:
            found[code, dimension, value] = found.get((code, dimension, value), 0) + number

    for case in cases:
        group, severity = by_key[case["group_key"]], case["severity"]
        is_open = group["state"] not in ("accepted", "resolved")
        add("open_findings", int(is_open), severity=severity)
        if group["state"] == "accepted":
            left = (group["accepted_until"] - today).days
            expiry = "within_30_days" if left < 30 else "within_90_days" if left < 90 else "later"
            add("accepted_findings", 1, severity=severity, expiry=expiry)
        if is_open and case["occurred_at"] is not None:
            age = (today - case["occurred_at"].astimezone(ZoneInfo(zone)).date()).days
            for slice_ in (("all", "all"), ("severity", severity)):
                ages.setdefault(slice_, []).append(age)
    for group in groups:
        severity, state = group["severity"], group["state"]
        if not group["cases"]:
            continue
        if state in ("assigned", "overdue"):
            add("overdue_remediations", int(state == "overdue"), severity=severity)
        if state == "accepted":
            add("acceptance_too_long_count", int(group["is_accepted_too_long"]), severity=severity)
        if state not in ("accepted", "resolved") and group["owner"]:
            add("unlisted_owner_count", int(group["owner_is_listed"] is False), severity=severity)
    percentiles = {("open_finding_age_p95_days", *slice_): _percentile(sorted(days), 95) for slice_, days in ages.items()}
    return found | percentiles


def _percentile(ordered: list[int], percent: int) -> float:
    place = Fraction(percent * (len(ordered) - 1), 100)
    below = ordered[int(place)]
    above = ordered[min(int(place) + 1, len(ordered) - 1)]
    return float(below + (above - below) * (place - int(place)))


def _beneath(stands: Act | None, cases: list[datetime], today: date) -> tuple[str, str | None, datetime | None]:
    if stands is None:
        return "unassigned", None, None
    if stands["event_type"] == "assigned":
        return ("overdue" if _day(stands["due_date"]) < today else "assigned"), None, None
    if stands["event_type"] == "reopened":
        return "reopened", None, None
    new = min((case for case in cases if case > stands["occurred_at"]), default=None)
    return ("resolved", None, None) if new is None else ("reopened", "new_cases", new)


def _last_day(acceptance: Act, severity: str | None, longest: dict[str, int], zone: str) -> date:
    stated = _day(acceptance["accepted_until"])
    if severity is None:
        return stated
    begun = acceptance["occurred_at"].astimezone(ZoneInfo(zone)).date()
    return min(stated, begun + timedelta(days=longest[severity]))


def _day(text: str) -> date:
    return date.fromisoformat(text)
