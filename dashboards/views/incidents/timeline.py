"""From an incident's row to the lane of its notification deadline, in hours since detection.

Here: the segments of the deadline and the label beside them. Not here: drawing (charts/incident_deadlines.py); status and hours
are those of the mart.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dashboards.charts.incident_deadlines import Lane
from promisekept.presentation import formats, statuses


def lane(row: dict[str, Any], as_of: datetime) -> Lane:
    """An incident as a lane: how long its deadline ran, what was left of it, and what happened when."""

    def hours(at: datetime | None) -> float | None:
        return None if at is None else (at - row["detected_at"]).total_seconds() / 3600

    due, notified, ruled_out = (
        hours(row["authority_due_at"]),
        hours(row["authority_notified_at"]),
        hours(row["assessed_no_risk_at"]),
    )
    events = [
        (name, at)
        for name, at in (
            ("Contained", hours(row["contained_at"])),
            ("Assessed as no risk", ruled_out),
            ("Authority notified", notified),
            ("Individuals notified", hours(row["subjects_notified_at"])),
        )
        if at is not None and at >= 0
    ]
    if due is None:
        until = hours(row["closed_at"]) or hours(as_of) or 0.0
        return Lane(row["incident_id"], [("No deadline", 0.0, min(until, 24.0))], events, None, "None in this jurisdiction")
    ended = notified if notified is not None else ruled_out
    stopped = max(0.0, ended if ended is not None else hours(as_of) or 0.0)
    segments = [("Within the hours", 0.0, min(stopped, due))]
    if stopped > due:
        segments.append(("Past the hours", due, stopped))
    elif ended is None:
        segments.append(("Hours left", stopped, due))
    return Lane(row["incident_id"], segments, events, due, _words(row["status"], stopped, due))


def _words(status: str, stopped: float, due: float) -> str:
    after, apart = _hours(stopped), _hours(abs(due - stopped))
    return {
        "on_time": f"Authority notified after {after}",
        "late": f"Authority notified after {after}, {apart} late",
        "not_required": f"No risk, found after {after}",
        "open_in_time": f"{apart} left",
        "open_overdue": f"Not notified, {apart} over",
    }.get(status, statuses.INCIDENTS[status].text)


def _hours(value: float) -> str:
    return formats.days(round(value), of="hour")
