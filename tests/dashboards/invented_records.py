"""The invented organisation's record sets and what was left of them after an erasure.

Here: their facts, drawn from a fixed seed, with the traps that the page of retention must show: data beyond schedule in two
systems, a category that nobody deletes, a silent system. Not here: the other logs (invented_practice.py).
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

TODAY = date(2026, 9, 30)
SCHEDULES = (
    # category, system, schedule, months, share deleted too late or never
    ("call_recording", "voice", "RET-CR-02", 6, 0.25),
    ("meeting_transcript", "voice", "RET-MT-01", 3, 0.12),
    ("contact_details", "crm", "RET-CO-01", 12, 0.0),
    ("contact_details", "mail", "RET-CO-01", 12, 0.0),
    ("billing_data", "billing", "RET-BI-01", 12, 0.02),
    ("usage_data", "analytics", "RET-US-04", 4, 0.0),
)
PART = {
    "deleted_at": datetime(2026, 7, 10, 12, tzinfo=UTC),
    "deleted_date": date(2026, 7, 10),
    "event_type": "deleted",
    "record_count": 3,
    "status": "deleted_on_time",
    "over_days": None,
}
TRAPS = ("reappeared", "deleted_under_hold", "deleted_early", "unscheduled", "on_hold")


def _months_later(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


def hour_of(day: date | None, hour: int = 14) -> datetime | None:
    """That hour of a day, in UTC."""
    return None if day is None else datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def records(how_many: int = 700, seed: int = 11) -> list[dict[str, Any]]:
    """Rows of fct_records: each status occurs, and two categories are retained beyond schedule where nobody deletes."""
    draw, rows = random.Random(seed), []
    for number in range(how_many):
        category, system, schedule, months, kept = draw.choices(SCHEDULES, [5, 3, 5, 2, 3, 3])[0]
        created = TODAY - timedelta(days=draw.randint(2, 520))
        trap = TRAPS[number] if number < len(TRAPS) else None
        if number < 40:
            created = TODAY - timedelta(days=430 + number)
        delete_by: date | None = _months_later(created, months)
        late = draw.random() < kept
        deleted = (
            delete_by - timedelta(days=draw.randint(0, 20)) if not late else delete_by + timedelta(days=draw.randint(20, 900))
        )
        deleted = None if deleted > TODAY or trap in ("on_hold", "unscheduled") else deleted
        status, reappeared, held = "within_period", None, 0
        if deleted:
            status = "deleted_on_time" if deleted <= delete_by else "deleted_late"
        elif delete_by < TODAY:
            status = "over_retained"
        elif delete_by <= TODAY + timedelta(days=30):
            status = "due_soon"
        if trap:
            status = trap
        if trap == "reappeared":
            deleted, reappeared = deleted or delete_by, TODAY - timedelta(days=20)
        if trap in ("deleted_under_hold", "deleted_early"):
            deleted = deleted or delete_by
        if trap == "on_hold":
            held, delete_by = 90, None
        if trap == "unscheduled":
            schedule, delete_by = None, None
        days = {
            "over_retained": (TODAY - delete_by).days if delete_by else 0,
            "deleted_late": (deleted - delete_by).days if deleted and delete_by else 0,
        }
        rows.append(
            {
                "record_key": f"catalogue/R-{70000 + number}",
                "namespace": "catalogue",
                "record_id": f"R-{70000 + number}",
                "subject_key": f"{draw.getrandbits(128):032x}" if number % 9 else None,
                "system": system,
                "data_category": category,
                "record_count": draw.randint(1, 60),
                "created_at": hour_of(created),
                "created_date": created,
                "schedule_id": schedule,
                "trigger": "created",
                "trigger_at": hour_of(created),
                "trigger_date": created,
                "keep_until": None,
                "delete_by": delete_by,
                "unheld_delete_by": _months_later(created, months) if schedule else None,
                "has_contract_term": False,
                "has_minimum": trap == "deleted_early" or number % 2 == 0,
                "had_hold": trap in ("on_hold", "deleted_under_hold") or number % 6 == 0,
                "scanned_after_deletion": number % 4 > 0 if deleted else None,
                "held_days": held,
                "on_hold": trap in ("on_hold", "deleted_under_hold"),
                "deleted_at": hour_of(deleted),
                "deleted_date": deleted,
                "deletion_event_type": "deleted" if deleted else None,
                "reappeared_at": hour_of(reappeared),
                "status": status,
                "over_days": days.get(status),
                "is_alive": deleted is None,
                "trigger_due_by": None,
                "trigger_overdue": False,
                "hold_refs": ["LH-1"] if trap in ("on_hold", "deleted_under_hold") else [],
                "holds_not_reviewed": ["LH-1"] if trap == "on_hold" else [],
                "hold_unreviewed_since": hour_of(TODAY - timedelta(days=400)) if trap == "on_hold" else None,
                "held_when_overdue": False,
                "activity_automatic_at": None,
                "activity_looks_automatic": False,
                "dimensions": '{"product_line":"Phones"}' if number % 3 else None,
                "source": "record_catalogue",
                "batch_id": f"b-{3000 + number // 40}",
                "row_number": 1 + number % 40,
            }
        )
        _remove_a_part(rows[-1], number)
    return rows


def _remove_a_part(row: dict[str, Any], number: int) -> None:
    """Of some sets a few records went before the rest."""
    gone = (
        number % 8 == 0
        and row["record_count"] > 3
        and row["created_date"] < PART["deleted_date"] < (row["deleted_date"] or TODAY)
    )
    left = row["record_count"] - 3 * gone
    row["records_left"] = 0 if row["deleted_date"] else left
    row["deleted_record_count"] = left if row["deleted_date"] else None
    row["partial_deletions"] = [PART] if gone else []


def erasures(kept: list[dict[str, Any]], fulfilled: list[tuple[str, str, str, date]], seed: int = 5) -> list[dict[str, Any]]:
    """Rows of fct_erasures: most complete, some silent systems, two that left record sets behind, the newest in their grace.

    `fulfilled` are the erasures among the requests, newest first: key, namespace, id and the day of closing.
    """
    draw, rows = random.Random(seed), []
    alive = [row for row in kept if row["status"] == "over_retained"][:2]
    for number, (key, namespace, request, closed) in enumerate(fulfilled):
        expected = sorted(draw.sample(["analytics", "billing", "crm", "voice"], 2))
        silent = [expected[0]] if number % 5 == 4 else []
        missed = [alive[number % 2]] if number % 17 == 16 else []
        status = "pending" if closed > TODAY - timedelta(days=30) else "incomplete" if silent or missed else "complete"
        if number % 23 == 22:
            status, expected, silent, missed = "no_records_found", [], [], []
        rows.append(
            {
                "request_key": key,
                "namespace": namespace,
                "request_id": request,
                "source": namespace,
                "subject_key": f"{draw.getrandbits(128):032x}",
                "closed_at": hour_of(closed),
                "closed_date": closed,
                "status": status,
                "missed_records": len(missed),
                "missed_record_count": sum(row["record_count"] for row in missed),
                "missed": [row["record_key"] for row in missed],
                "reappeared_sets": 0,
                "expected_systems": expected,
                "confirmed_systems": [system for system in expected if system not in silent],
                "unconfirmed_systems": silent,
                "recreated": [f"register/again-{number}"] if silent and number % 2 else [],
                "batch_id": "b-3900",
                "row_number": 1 + number,
            }
        )
    return rows
