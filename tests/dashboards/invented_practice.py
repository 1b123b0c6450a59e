"""The invented organisation's collections, processing, incidents and versions of its policy.

Here: their facts, drawn from a fixed seed, with the traps that the pages must show, such as a clock that runs and one that ran
out; and all marts of practice put into a snapshot, with figures and verdicts counted in invented_practice.sql. Not here: record
sets (invented_records.py), requests (invented.py).
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from invented_records import TODAY, erasures, hour_of, records

AS_OF = datetime(2026, 10, 1, 3, 59, tzinfo=UTC)


def collections(how_many: int = 900, seed: int = 3) -> list[dict[str, Any]]:
    """Rows of fct_collections: three types, four features, a few people told after or never, a few exempt."""
    draw, rows = random.Random(seed), []
    for number in range(how_many):
        kind = draw.choice(["automatic", "automatic", "requested", "feature"])
        feature = draw.choice(["call_summary", "voicemail", "transcript", "live_notes"]) if kind == "feature" else None
        day = TODAY - timedelta(days=draw.randint(0, 500))
        fate = draw.random()
        exempt, missed = kind == "automatic" and fate < 0.03, fate > (0.93 if feature == "live_notes" else 0.985)
        at = hour_of(day)
        assert at is not None
        shown = None if exempt or (missed and fate > 0.99) else at + timedelta(hours=2) if missed else at - timedelta(minutes=5)
        rows.append(
            {
                "namespace": "notice_log",
                "event_id": f"CO-{50000 + number}",
                "source": "notice_log",
                "subject_key": f"{draw.getrandbits(128):032x}",
                "occurred_at": at,
                "occurred_date": day,
                "collection_type": kind,
                "feature": feature,
                "data_categories": ["contact_details"] if number % 3 else ["contact_details", "usage_data"],
                "purpose_code": "service_delivery",
                "jurisdiction": "DE",
                "notice_shown_at": shown,
                "policy_version": "2026-08" if day >= date(2026, 8, 1) else "2025-12",
                "notice_exemption": "not_required" if exempt else None,
                "ok_notice": None if exempt else not missed,
                "ok_categories": number != 77,
                "ok_policy_version": True,
                "batch_id": "b-4000",
                "row_number": 1 + number,
            }
        )
    return rows


def processing(how_many: int = 900, seed: int = 4) -> list[dict[str, Any]]:
    """Rows of fct_processing: every check fails somewhere, and one purpose was never declared."""
    draw, rows = random.Random(seed), []
    bases = {
        "service_delivery": "contract",
        "usage_analytics": "consent",
        "product_news": "consent",
        "legal_compliance": "legal_obligation",
        "profiling": "legitimate_interests",
    }
    for number in range(how_many):
        purpose = draw.choices(list(bases), [6, 4, 3, 2, 1])[0]
        basis = "legitimate_interests" if purpose == "usage_analytics" and draw.random() < 0.02 else bases[purpose]
        day, decided = TODAY - timedelta(days=draw.randint(0, 500)), purpose == "profiling" and draw.random() < 0.5
        stopped = basis != "legal_obligation" and draw.random() < 0.02
        rows.append(
            {
                "namespace": "register",
                "event_id": f"PR-{80000 + number}",
                "source": "register",
                "occurred_at": hour_of(day),
                "occurred_date": day,
                "purpose_code": purpose,
                "system": "crm",
                "automated_decision": decided,
                "legal_basis": basis,
                "ok_purpose": purpose != "profiling",
                "ok_basis": basis == "consent" if purpose in ("usage_analytics", "product_news") else None,
                "ok_consent": draw.random() > 0.02 if basis == "consent" else None,
                "ok_not_stopped": None if basis == "legal_obligation" else not stopped,
                "stopped_right_type": draw.choice(["erasure", "objection"]) if stopped else None,
                "stops_in_force": ["erasure", "objection"] if stopped or number % 7 == 0 else [],
                "requests_pending": ["objection"] if basis != "legal_obligation" and number % 11 == 0 else [],
                "pending_right_types": ["objection"] if basis != "legal_obligation" and number % 22 == 0 else [],
                "ok_no_automated_decision": draw.random() > 0.1 if decided else None,
                "ok_categories": True,
                "batch_id": "b-4100",
                "row_number": 1 + number,
            }
        )
    return rows


def incidents() -> list[dict[str, Any]]:
    """Rows of fct_incidents: one of each status, with an order of detection that is not that of urgency."""
    told = (
        # id, type, place, detected (days before as_of), hours until told, hours until no risk, hours of the place, persons
        ("INC-01", "disclosure", "DE", 400, 41, None, 72, 14),
        ("INC-02", "disclosure", "FR", 220, 78, None, 72, 105),
        ("INC-03", "alteration", "GB", 150, None, 30, 72, 3),
        ("INC-04", "unauthorised_access", "US-CA", 60, None, None, None, 640),
        ("INC-05", "destruction", "IE", 40, None, None, 72, 9),
        ("INC-06", "unauthorised_access", "IE", 20, 69, None, 72, 77),
        ("INC-07", "alteration", "DE", 1, None, None, 72, 5),
    )
    rows = []
    for number, (name, kind, place, days, notified, ruled_out, allowed, persons) in enumerate(told):
        detected = AS_OF - timedelta(days=days, hours=3)
        due = detected + timedelta(hours=allowed) if allowed else None
        status = (
            "nothing_due" if due is None else "not_required" if ruled_out else "open_overdue" if due < AS_OF else "open_in_time"
        )
        if notified and due:
            status = "on_time" if notified <= (allowed or 0) else "late"
        rows.append(
            {
                "incident_key": f"desk/{name}",
                "namespace": "desk",
                "source": "incident_desk",
                "incident_id": name,
                "incident_type": kind,
                "jurisdiction": place,
                "occurred_at": None,
                "detected_at": detected,
                "detected_date": (detected - timedelta(hours=4)).date(),
                "contained_at": detected + timedelta(hours=9),
                "assessed_no_risk_at": detected + timedelta(hours=ruled_out) if ruled_out else None,
                "authority_notified_at": detected + timedelta(hours=notified) if notified else None,
                "subjects_notified_at": detected + timedelta(hours=96) if notified else None,
                "closed_at": None,
                "affected_subjects": persons,
                "authority_hours": float(notified) if notified else None,
                "authority_due_hours": allowed,
                "authority_due_at": due,
                "status": status,
                "on_time": {"on_time": True, "late": False, "open_overdue": False}.get(status),
                "not_required": status == "not_required",
                "assessed_overdue": False,
                "persons_due_at": detected + timedelta(days=30) if place == "US-CA" else None,
                "persons_status": "open_overdue" if place == "US-CA" else "nothing_due",
                "event_id": f"{name}:detected",
                "batch_id": "b-5000",
                "row_number": 1 + number,
            }
        )
    return rows


def versions() -> list[dict[str, Any]]:
    """Rows of fct_policy_versions: a first one that told nobody, one well told, one told too late, one to come."""
    told = (
        # version, published, effective, superseded, first told, material, audience, told before, notified in all, date matches
        ("2025-04", date(2025, 4, 1), date(2025, 4, 1), date(2025, 12, 15), None, False, None, 0, 0, True),
        ("2025-12", date(2025, 11, 10), date(2025, 12, 15), date(2026, 8, 1), date(2025, 11, 12), True, 8210, 8077, 8077, True),
        ("2026-08", date(2026, 7, 20), date(2026, 8, 1), None, date(2026, 7, 29), True, 8640, 2110, 8508, False),
        ("2026-11", date(2026, 9, 20), None, None, None, True, None, 0, 0, True),
    )
    return [
        {
            "policy_version_key": f"site/{name}",
            "namespace": "site",
            "source": "policy_site",
            "policy_version": name,
            "published_at": hour_of(published),
            "published_date": published,
            "effective_at": hour_of(effective, 4),
            "effective_date": effective,
            "superseded_at": hour_of(superseded, 5),
            "change_notified_at": hour_of(first),
            "material": material,
            "audience_size": audience,
            "notified_count": in_all,
            "notified_before_effective_count": before,
            "coverage_before_effective": before / audience if audience else None,
            "last_updated_shown": f"{published:%Y-%m}",
            "last_updated_matches": matches,
            "in_force": effective is not None and superseded is None,
            "batch_id": "b-5100",
            "row_number": number,
        }
        for number, (name, published, effective, superseded, first, material, audience, before, in_all, matches) in enumerate(
            told, 1
        )
    ]


def add(connection: duckdb.DuckDBPyConnection) -> None:
    """Add these marts, and their figures, verdicts and findings to those that invented.py made."""
    kept = records()
    fulfilled = connection.execute(
        "select request_key, namespace, request_id, closed_date from marts.fct_requests"
        " where right_type = 'erasure' and outcome = 'fulfilled' and closed_date is not null"
        " order by closed_date desc, request_key"
    ).fetchall()
    for mart, rows in (
        ("fct_records", kept),
        ("fct_erasures", erasures(kept, fulfilled)),
        ("fct_collections", collections()),
        ("fct_processing", processing()),
        ("fct_incidents", incidents()),
        ("fct_policy_versions", versions()),
    ):
        frame = pd.DataFrame(rows)
        columns = ", ".join(f"{name}::{kind} as {name}" for name, kind in _kinds(rows).items())
        connection.execute(f"create or replace table marts.{mart} as select {columns} from frame")
        del frame
    connection.execute((Path(__file__).parent / "invented_practice.sql").read_text(encoding="utf-8"))


PARTS = (
    "struct(deleted_at timestamptz, deleted_date date, event_type varchar, record_count bigint, status varchar,"
    " over_days bigint)[]"
)


def _kinds(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Column types by the first value that is there, as pandas alone would turn dates with gaps into instants."""
    kinds = {bool: "boolean", int: "bigint", float: "double", datetime: "timestamptz", date: "date", list: "varchar[]"}
    found: dict[str, str] = {}
    for name in rows[0]:
        value = next((row[name] for row in rows if row[name] not in (None, [])), None)
        found[name] = PARTS if name == "partial_deletions" else kinds.get(type(value), "varchar")
    return found
