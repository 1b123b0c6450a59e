"""From a request's row, its trace and its events to the lanes of a timeline.

Here: which segment of the deadline is of which kind. Not here: drawing (charts/request_timeline.py); nothing is computed again:
the dates are those of the mart and its trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from dashboards.charts.request_timeline import EventMark, Segment
from promisekept.presentation import formats, labels

_LONG = 3
_VERDICTS = {
    "permitted": ("green", "check_circle", "Permitted"),
    "counts": ("green", "check_circle", "Permitted"),
    "valid": ("green", "check_circle", "In time"),
    "late": ("red", "cancel", "Late"),
    "not_permitted": ("red", "cancel", "Not permitted"),
    "revoked": ("gray", "remove", "Revoked"),
    "no_effect": ("yellow", "remove", "No effect"),
    "unpermitted": ("red", "cancel", "Not permitted"),
}


def verdict(step: dict[str, Any]) -> str:
    """The badge of a step that has a verdict."""
    label = _VERDICTS.get(str(step.get("verdict")))
    return f"  :{label[0]}-badge[:material/{label[1]}: {label[2]}]" if label else ""


def lanes(
    row: dict[str, Any], steps: Sequence[dict[str, Any]], landed: Sequence[dict[str, Any]], today: date, zone: str
) -> tuple[list[Segment], list[EventMark], list[tuple[date, str]]]:
    """Segments, moments and rules of a request's timeline."""
    start = row["start_date"] or row["received_date"]
    over = row["closed_date"] or today
    pauses = _pauses(steps, over)
    segments = _deadline(start, row["due_date"], over, pauses)
    moments = [
        EventMark(
            "Systems" if event.get("event_type") == "system_completed" else "Events",
            formats.local(event["occurred_at"], zone).date(),
            _name(event, zone),
            event["verdict"] == "counts",
        )
        for event in landed
        if event.get("occurred_at")
    ]
    for step in steps:
        if step["step"] == "extension" and step.get("date"):
            sent = date.fromisoformat(step["date"])
            in_time = step.get("verdict") == "valid" or row["extension_status"] == "valid"
            end = (
                row["due_date"] if in_time and row["due_date"] and row["due_date"] > sent else max(over, sent + timedelta(days=1))
            )
            segments.append(
                Segment(
                    "Extension",
                    "Extended" if in_time else "No effect",
                    sent,
                    end,
                    "Notice in time" if in_time else "Notice without effect",
                )
            )
    rules = [(row["due_date"], f"Due {formats.day(row['due_date'])}")] if row["due_date"] else []
    if row["closed_date"] is None:
        rules.append((today, f"as of {formats.day(today)}"))
    return segments, moments, rules


def due_apart(row: dict[str, Any], today: date) -> date | None:
    """The due date where the days after it are more than three times those before it; they get a scale of their own."""
    start, due, over = row["start_date"] or row["received_date"], row["due_date"], row["closed_date"] or today
    return due if due is not None and start < due and over - due > _LONG * (due - start) else None


def _deadline(start: date, due: date | None, over: date, pauses: Sequence[tuple[date, date]]) -> list[Segment]:
    at, segments = start, []
    for asked, answered in pauses:
        if asked > at:
            segments.append(Segment("Deadline", "Running", at, asked))
        begin = max(asked, at)
        if answered > begin:
            segments.append(Segment("Deadline", "Paused", begin, answered, f"{formats.days((answered - begin).days)} paused"))
        at = max(at, answered)
    if due is not None and over > due:
        if due > at:
            segments.append(Segment("Deadline", "Running", at, due))
        segments.append(Segment("Deadline", "Overdue", max(due, at), over, f"Overdue by {formats.days((over - due).days)}"))
    elif over > at or not segments:
        segments.append(Segment("Deadline", "Running", at, max(over, at + timedelta(days=1))))
    return segments


def _pauses(steps: Sequence[dict[str, Any]], over: date) -> list[tuple[date, date]]:
    found = []
    for step in steps:
        if step["step"] == "pause" and step.get("asked") and step.get("verdict") in (None, "permitted", "counts"):
            asked = date.fromisoformat(step["asked"])
            found.append((asked, date.fromisoformat(step["answered"]) if step.get("answered") else over))
    return sorted(found)


def _name(event: dict[str, Any], zone: str) -> str:
    if event.get("event_type") == "system_completed" and event.get("system"):
        return str(event["system"])
    name = labels.sentence(event.get("event_type") or "event")
    return name if event["verdict"] == "counts" else f"{name} {formats.day(formats.local(event['occurred_at'], zone).date())}"
