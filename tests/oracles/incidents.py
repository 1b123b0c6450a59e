"""What a careful clerk would write into the register of incidents.

Here: the row of one incident, from its own events and the hours that places have, told from the words of the contract: the
hours run from the detection, and nothing is owed where there is no risk or no such law. Nothing is shared with the SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oracles.happening import by_then

IN_ORDER = ("occurred", "detected", "contained", "assessed_no_risk", "authority_notified", "subjects_notified", "closed")
HOUR = timedelta(hours=1)


def judge(
    events: list[dict[str, Any]], hours: Mapping[str, int], as_of: datetime, zone: str = "Europe/Dublin"
) -> dict[str, Any] | None:
    """Judge one incident.

    Args:
        events: every row about it, whenever it happened.
        hours: by place, as the pack writes them.
        as_of: when one looks.
        zone: the organisation's.

    Returns:
        Its row by column, without what leads back to a batch; None if nobody had detected it.
    """
    known = sorted(
        by_then(events, as_of), key=lambda event: (event["occurred_at"], IN_ORDER.index(event["event_type"]), event["event_id"])
    )
    first: dict[str, dict[str, Any]] = {}
    for event in known:
        first.setdefault(event["event_type"], event)
    if "detected" not in first:
        return None
    at = {kind: first[kind]["occurred_at"] if kind in first else None for kind in IN_ORDER}
    detected = first["detected"]
    allowed = hours_of(detected["jurisdiction"], hours)
    due = None if allowed is None else detected["occurred_at"] + allowed * HOUR
    told, harmless = at["authority_notified"], at["assessed_no_risk"]
    status = _status(due, told, harmless, as_of)
    said = [event["affected_subjects"] for event in known if event.get("affected_subjects") is not None]
    return {
        "incident_id": detected["incident_id"],
        "event_id": detected["event_id"],
        "incident_type": detected["incident_type"],
        "jurisdiction": detected["jurisdiction"],
        "occurred_at": at["occurred"],
        "detected_at": detected["occurred_at"],
        "detected_date": local_date(detected["occurred_at"], zone),
        "contained_at": at["contained"],
        "assessed_no_risk_at": harmless,
        "authority_notified_at": told,
        "subjects_notified_at": at["subjects_notified"],
        "closed_at": at["closed"],
        "affected_subjects": said[-1] if said else None,
        "authority_hours": None if told is None else (told - detected["occurred_at"]) / HOUR,
        "authority_due_hours": allowed,
        "authority_due_at": due,
        "status": status,
        "on_time": {"on_time": True, "late": False, "open_overdue": False}.get(status),
        "not_required": harmless is not None,
        "assessed_overdue": bool(due and harmless and harmless > due and not (told and told <= due)),
    }


def _status(due: datetime | None, told: datetime | None, harmless: datetime | None, as_of: datetime) -> str:
    if due is None:
        return "nothing_due"
    if harmless is not None:
        return "not_required"
    if told is not None:
        return "late" if told > due else "on_time"
    return "open_overdue" if as_of > due else "open_in_time"


def hours_of(place: str, hours: Mapping[str, int]) -> int | None:
    """The hours of a place: its own, or those of the country that it is a part of."""
    if place in hours:
        return hours[place]
    country, dash, _ = place.partition("-")
    return hours.get(country) if dash and country != "ZZ" else None


def local_date(instant: datetime, zone: str) -> date:
    """The date that people in that zone write on the instant."""
    return instant.astimezone(ZoneInfo(zone)).date()
