"""Independent engine for one version of the privacy policy.

Here: its row, from its own events: when it was in force, who was notified before that, and whether its printed date is right.
Nothing is shared with the SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from oracles.occurrence import by_then

IN_ORDER = ("published", "effective", "change_notified", "superseded")


def evaluate(events: list[dict[str, Any]], as_of: datetime, zone: str = "Europe/Dublin") -> dict[str, Any] | None:
    """Evaluate one version.

    Args:
        events: every row about it, whenever it happened.
        as_of: when one looks.
        zone: the organisation's.

    Returns:
        Its row by column, without what leads back to a batch; None if nothing had been recorded of it.
    """
    known = sorted(
        by_then(events, as_of), key=lambda event: (event["occurred_at"], IN_ORDER.index(event["event_type"]), event["event_id"])
    )
    if not known:
        return None
    of_kind = {kind: [event for event in known if event["event_type"] == kind] for kind in IN_ORDER}
    at = {kind: found[0]["occurred_at"] if found else None for kind, found in of_kind.items()}
    notices = of_kind["change_notified"]
    in_time = [notice for notice in notices if at["effective"] is None or notice["occurred_at"] < at["effective"]]
    audience = max((notice["audience_size"] for notice in notices), default=None)
    notified, notified_in_time = people(notices), min(people(in_time), audience or 0)
    main = (of_kind["published"] or known)[0]
    shown = next((e["last_updated_shown"] for e in [*of_kind["published"], *known] if e.get("last_updated_shown")), None)
    published = local_date(at["published"], zone)
    return {
        "policy_version": main["policy_version"],
        "event_id": main["event_id"],
        "published_at": at["published"],
        "published_date": published,
        "effective_at": at["effective"],
        "effective_date": local_date(at["effective"], zone),
        "superseded_at": at["superseded"],
        "change_notified_at": at["change_notified"],
        "material": of_kind["published"][0]["material"] if of_kind["published"] else None,
        "audience_size": audience,
        "notified_count": notified,
        "notified_before_effective_count": notified_in_time,
        "notified_before_effective": was_notified(notified_in_time, audience, at["effective"]),
        "coverage": share(min(notified, audience or 0), audience),
        "coverage_before_effective": share(notified_in_time, audience),
        "last_updated_shown": shown,
        "last_updated_matches": None if shown is None or published is None else is_date(shown, published),
        "in_force": holds(at["effective"], at["superseded"], as_of),
    }


def people(notices: list[dict[str, Any]]) -> int:
    """How many were notified by these notices."""
    return sum(notice["notified_count"] for notice in notices)


def was_notified(count: int, audience: int | None, effective: datetime | None) -> bool | None:
    """Whether somebody was notified before; not a question where nobody is concerned or it may still be done."""
    if count:
        return True
    return None if audience == 0 or effective is None else False


def share(part: int, whole: int | None) -> float | None:
    """A part of a whole; nothing of nothing is no share."""
    return float(Fraction(part, whole)) if whole else None


def is_date(text: str, day: date) -> bool:
    """Whether a printed date, of a month or of a day, means that day."""
    parts = [int(part) for part in text.split("-")]
    return parts == [day.year, day.month, day.day][: len(parts)]


def holds(effective: datetime | None, superseded: datetime | None, instant: datetime) -> bool:
    """Whether a version is in force at an instant: from its first instant, up to and without the last."""
    has_begun = effective is not None and effective <= instant
    return has_begun and not (superseded is not None and superseded <= instant)


def began(versions: Iterable[dict[str, Any]]) -> datetime | None:
    """When the first version of all took effect."""
    return min((version["effective_at"] for version in versions if version["effective_at"]), default=None)


def local_date(instant: datetime | None, zone: str) -> date | None:
    """The date that people in that zone write on the instant."""
    return None if instant is None else instant.astimezone(ZoneInfo(zone)).date()
