"""Rows of every mart at random, as its contract shapes them, for the figures that are made of them.

Here: columns that a metric asks for, dense in what matters (midnights, month ends, nulls). Not here: whether a fact could
ever say so (its own tests), or any rule of a metric (oracle_of_logs.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from oracle_of_logs import MICROSECOND, ZONE, local_date

AS_OF = datetime(2026, 9, 15, 12, tzinfo=UTC)
SOURCES = ("one", "two")
PURPOSES = ("news", "service", "calls")
SYSTEMS = ("crm", "mail")
CATEGORIES = ("contact", "voice", "usage")
Row = dict[str, Any]


def instant(dice: Random, last: datetime = AS_OF) -> datetime:
    """An instant of the last year and a half, often at or beside a local midnight that begins a month."""
    year, month = dice.choice([(2025, month) for month in range(3, 13)] + [(2026, month) for month in range(1, 10)])
    midnight = datetime(year, month, 1, tzinfo=ZONE).astimezone(UTC)
    shift = dice.choice(
        (timedelta(0), MICROSECOND, -MICROSECOND, timedelta(hours=dice.randint(1, 700), seconds=dice.randint(0, 59)))
    )
    return min(midnight + shift, last)


def way_back(number: int) -> Row:
    return {"batch_id": "b-0001", "row_number": number}


def collection(dice: Random, number: int) -> Row:
    occurred = instant(dice)
    kind = dice.choice(("automatic", "requested", "feature"))
    exemption = dice.choice((None, None, None, "not_required"))
    unlisted = dice.choice((None, [], [], ["voice"], ["mood", "voice"]))
    return {
        "namespace": "n", "event_id": f"e{number}", "source": dice.choice(SOURCES), "occurred_at": occurred,
        "occurred_date": local_date(occurred), "collection_type": kind,
        "feature": dice.choice(("voicemail", "transcript")) if kind == "feature" else None,
        "purpose_code": dice.choice(PURPOSES), "ok_purpose": maybe(dice), "notice_exemption": exemption,
        "ok_notice": None if exemption else dice.random() < 0.8,
        "unlisted_categories": unlisted, "ok_categories": None if unlisted is None else not unlisted,
    } | way_back(number)  # fmt: skip


def incident(dice: Random, number: int) -> Row:
    detected = instant(dice)
    statuses = ("nothing_due", "not_required", "on_time", "late", "open_in_time", "open_overdue")
    status, persons_status = dice.choice(statuses), dice.choice(statuses)
    doubts = {"not_required": "assessed_overdue", "on_time": "in_part"}
    return {
        "incident_key": f"n/i{number}", "namespace": "n", "incident_id": f"i{number}", "source": dice.choice(SOURCES),
        "incident_type": dice.choice(("disclosure", "destruction")), "jurisdiction": dice.choice(("IE", "GB")),
        "detected_at": detected, "detected_date": local_date(detected),
        "affected_subjects": dice.choice((None, 0, 7, 40)), "status": status,
        "authority_due_at": None if status == "nothing_due" else detected + timedelta(hours=72),
        "authority_notified_at": dice.choice((None, detected - MICROSECOND, detected, instant(dice))),
        "assessed_no_risk_at": dice.choice((None, detected - timedelta(days=365), instant(dice))),
        "persons_status": persons_status,
        "persons_due_at": None if persons_status == "nothing_due" else detected + timedelta(days=30),
        "persons_doubt": dice.choice((None, doubts.get(persons_status))), "persons_notified_in_time": None,
        "subjects_notified_at": instant(dice),
        "no_risk_for_many": status == "not_required" and dice.random() < 0.3,
        "occurred_at": dice.choice((None, detected - timedelta(hours=dice.randint(0, 3000)))),
        "not_required": status == "not_required", "assessed_overdue": status == "not_required" and dice.random() < 0.3,
        "event_id": f"e{number}",
    } | way_back(number)  # fmt: skip


def policy_version(dice: Random, number: int) -> Row:
    published = dice.choice((None, instant(dice)))
    effective = dice.choice((None, instant(dice)))
    audience = dice.choice((None, 0, 10, 400))
    notified = dice.randint(0, audience) if audience else 0
    return {
        "policy_version_key": f"n/v{number}", "namespace": "n", "policy_version": f"v{number}", "source": dice.choice(SOURCES),
        "published_at": published, "published_date": local_date(published), "effective_at": effective,
        "effective_date": local_date(effective), "material": dice.choice((True, True, False, None)),
        "audience_size": audience, "notified_count": notified, "notified_before_effective_count": notified if effective else 0,
        "last_updated_matches": None if published is None else dice.choice((True, False, None)), "in_force": False,
        "event_id": f"e{number}",
    } | way_back(number)  # fmt: skip


def consent(dice: Random, number: int) -> Row:
    begins = instant(dice)
    ends = dice.choice((None, begins, instant(dice), begins + timedelta(hours=30)))
    ends = None if ends is None or ends > AS_OF else max(begins, ends)
    state = dice.choice(("active", "active", "active", "refused", "withdrawn", "expired"))
    kind = "given" if state in {"active", "expired"} else state
    return {
        "subject_key": f"{number % 20:032x}", "purpose_code": dice.choice(PURPOSES), "state": state, "valid_from": begins,
        "valid_to": ends, "lapsed": state == "expired", "provable": dice.random() < 0.7 if state == "active" else None,
        "source": dice.choice(SOURCES), "namespace": "n", "event_id": f"e{number}", "event_type": kind,
        "is_first_decision": dice.random() < 0.6,
        "is_withdrawal": state == "withdrawn" and dice.random() < 0.8,
        "request_key": f"n/r{number}" if state == "withdrawn" and dice.random() < 0.6 else None,
        "recorded_in_time": dice.choice((True, False, None)),
    } | way_back(number)  # fmt: skip


def withdrawal_system(dice: Random, number: int) -> Row:
    """One of two systems of a withdrawal; both have the same row of it."""
    withdrawal, system = divmod(number, 2)
    shared = Random(withdrawal)
    withdrawn = instant(shared)
    hours = [shared.choice((None, 1.5, 30.0, 71.25, 100.0)) for _ in SYSTEMS]
    own, complete = hours[system], None not in hours
    purpose, source, is_young = shared.choice(PURPOSES), shared.choice(SOURCES), shared.random() < 0.3
    is_pending = own is None and is_young
    status = "confirmed" if own is not None else "pending" if is_pending else "unconfirmed"
    return {
        "subject_key": f"{withdrawal:032x}", "purpose_code": purpose, "withdrawn_at": withdrawn, "namespace": "n",
        "event_id": f"e{withdrawal}", "system": SYSTEMS[system], "hours": own, "status": status, "complete": complete,
        "propagation_hours": max(hour for hour in hours if hour) if complete else None, "source": source,
        "withdrawal_hours": 72, "confirm_by": withdrawn + timedelta(hours=72),
        "in_time": None if status == "pending" else own is not None and own <= 72,
    } | way_back(number)  # fmt: skip


def maybe(dice: Random, likely: float = 0.8) -> bool | None:
    return None if dice.random() < 0.2 else dice.random() < likely


def stopped(dice: Random, rights: tuple[str, ...]) -> Row:
    """By nothing, by one right or by several, while these and others are in force."""
    free = maybe(dice, 0.7)
    notified = sorted(dice.sample(rights, dice.randint(1, len(rights)))) if free is False else None
    possible = dice.sample(rights, dice.choice((0, 1))) if free is None else []
    beside = dice.sample(rights, dice.choice((0, 0, 1, 2)))
    return {
        "ok_not_stopped": free, "stopped_right_types": notified, "stopped_by": "n/r/x" if notified else None,
        "possible_stop_right_types": possible, "stops_in_force": sorted({*(notified or ()), *possible, *beside}),
    }  # fmt: skip


def disclosure(dice: Random, number: int) -> Row:
    occurred = instant(dice)
    checks = {
        f"ok_{check}": maybe(dice)
        for check in ("recipient", "reason", "agreement", "consent", "authority", "categories", "purpose", "transfer", "told")
    }
    checks |= {"ok_no_sale": dice.choice((True,) * 8 + (False, None))} | stopped(
        dice, ("erasure", "objection", "opt_out_sale_share")
    )
    return checks | proof(checks, number) | {
        "namespace": "n", "event_id": f"e{number}", "source": dice.choice(SOURCES), "occurred_at": occurred,
        "occurred_date": local_date(occurred), "recipient_id": dice.choice(("host", "court", "nobody")),
        "purpose_code": dice.choice(PURPOSES), "record_count": dice.choice((1, 3, 250)), "purpose_declared": maybe(dice),
        "within_policy": all(value is not False for name, value in checks.items() if name.startswith("ok_")),
        "needs_consent": checks["ok_consent"] is not None or dice.random() < 0.3, "subject_key": dice.choice((None, "p")),
        "reason_code": dice.choice(("provide_service", "required_by_law", "other")),
        "exempt_told": dice.random() < 0.2, "destination_country": dice.choice(("IE", "US", None)),
        "transfer_mechanism": dice.choice(("clauses", None)),
    } | way_back(number)  # fmt: skip


def act(dice: Random, number: int) -> Row:
    occurred = instant(dice)
    unlisted = dice.choice((None, [], [], ["genes"], ["mood", "voice"]))
    row = stopped(dice, ("erasure", "objection", "restriction"))
    row |= {
        "namespace": "n", "event_id": f"e{number}", "source": dice.choice(SOURCES), "occurred_at": occurred,
        "occurred_date": local_date(occurred), "purpose_code": dice.choice(PURPOSES), "system": dice.choice(SYSTEMS),
        "ok_purpose": maybe(dice), "ok_basis": maybe(dice), "ok_consent": maybe(dice), "consent_required": dice.random() < 0.5,
        "ok_no_automated_decision": maybe(dice), "unlisted_categories": unlisted, "decision_stopped_by": None,
        "bases_before_objection": ["consent"] if "objection" in row["stops_in_force"] and dice.random() < 0.2 else None,
        "ok_categories": None if unlisted is None else not unlisted, "automated_decision": False, "legal_basis": "contract",
        "subject_key": f"{number:032x}",
    } | way_back(number)  # fmt: skip
    if dice.random() < 0.2:
        row |= {"legal_basis": "unknown", "ok_basis": None, "ok_consent": None}
        row |= {
            "ok_not_stopped": None if row["stopped_by"] else True,
            "possible_stop_right_types": row["stopped_right_types"] or [],
        }
    if dice.random() < 0.2:
        row |= {"automated_decision": None, "ok_no_automated_decision": None, "decision_stopped_by": dice.choice((None, "n/r/y"))}
    row["possible_decision_stop_right_types"] = ["automated_decision"] if row["decision_stopped_by"] else []
    if row["ok_no_automated_decision"] is None and row["automated_decision"] is not None:
        row["possible_decision_stop_right_types"] = dice.choice(([], ["automated_decision"]))
    if row["ok_no_automated_decision"] is False or row["possible_decision_stop_right_types"] or dice.random() < 0.2:
        row["stops_in_force"].append("automated_decision")
    pending = dice.choice(([], [], ["objection"], ["restriction"], ["objection", "restriction"]))
    covering = [right for right in pending if dice.random() < 0.6]
    row |= {"requests_pending": pending, "pending_right_types": covering, "pending_request": "n/r/z" if covering else None}
    return row | proof(row, number)


def part_of(dice: Random, created: datetime, deleted: datetime | None) -> Row:
    at = min(deleted or AS_OF, created + timedelta(hours=dice.randint(0, 3000)))
    return {
        "deleted_at": at, "deleted_date": local_date(at), "event_type": "deleted", "record_count": dice.choice((1, 7)),
        "status": dice.choice(("deleted_on_time", "deleted_late", "deleted_early", "deleted_under_hold")), "over_days": None,
    }  # fmt: skip


def record_set(dice: Random, number: int) -> Row:
    created = instant(dice)
    deleted = dice.choice((None, min(AS_OF, created + timedelta(hours=dice.randint(0, 3000)))))
    ends = (
        "deleted_on_time",
        "deleted_on_time",
        "deleted_late",
        "deleted_early",
        "deleted_under_hold",
        "unscheduled",
        "reappeared",
    )
    status = dice.choice(ends) if deleted else dice.choice(("within_period", "over_retained", "unscheduled", "on_hold"))
    parts = (
        []
        if status == "unscheduled" or dice.random() < 0.7
        else [part_of(dice, created, deleted) for _ in range(dice.randint(1, 2))]
    )
    count = dice.choice((1, 4, 90)) + sum(part["record_count"] for part in parts)
    wrong = {status, *(part["status"] for part in parts)}
    left = count - sum(part["record_count"] for part in parts)
    return {
        "record_key": f"n/r{number}", "namespace": "n", "record_id": f"r{number}", "source": dice.choice(SOURCES),
        "data_category": dice.choice(CATEGORIES), "purpose_code": dice.choice(PURPOSES), "system": dice.choice(SYSTEMS),
        "has_contract_term": dice.random() < 0.3, "record_count": count, "created_at": created,
        "records_left": 0 if deleted else left, "deleted_record_count": left if deleted else None, "partial_deletions": parts,
        "purpose_declared": maybe(dice), "lacks_contract_terms": dice.random() < 0.2,
        "created_date": local_date(created), "schedule_id": None if status == "unscheduled" else "S",
        "deleted_at": deleted, "deleted_date": local_date(deleted), "is_alive": deleted is None, "status": status,
        "reappeared_at": min(AS_OF, deleted + timedelta(hours=dice.randint(0, 900))) if status == "reappeared" else None,
        "held_days": 0, "on_hold": False, "event_id": f"e{number}",
        "has_minimum": "deleted_early" in wrong or (status != "unscheduled" and dice.random() < 0.5),
        "had_hold": "deleted_under_hold" in wrong or dice.random() < 0.3,
        "scanned_after_deletion": dice.random() < 0.7 if deleted else None,
    } | way_back(number)  # fmt: skip


def erasure(dice: Random, number: int) -> Row:
    closed = instant(dice)
    return {
        "request_key": f"n/r{number}/erasure", "namespace": "n", "request_id": f"r{number}", "source": dice.choice(SOURCES),
        "subject_key": f"{number:032x}", "closed_at": closed, "closed_date": local_date(closed), "judged_at": closed,
        "grace_ends_date": local_date(closed),
        "status": dice.choice(("complete", "complete", "incomplete", "no_records_found", "pending")),
        "record_sets": 0, "erased_sets": 0, "excused_sets": 0, "missed_records": 0, "missed_record_count": 0, "missed": [],
        "reappeared_sets": 0, "recreated": [], "expected_systems": [], "confirmed_systems": [], "unconfirmed_systems": [],
        "event_id": f"e{number}",
        "received_at": closed, "time_zone": "Europe/Dublin",
    } | way_back(number)  # fmt: skip


def proof(row: Row, number: int) -> Row:
    """Whether the consent that a row rests on can be proven; null where it rests on none."""
    in_force, noted = (None, None) if not row["ok_consent"] else (number % 5 > 0, number % 3 > 0)
    return {"consent_version_in_force": in_force, "consent_provable": None if in_force is None else in_force and noted}


MARTS: dict[str, Callable[[Random, int], Row]] = {
    "fct_collections": collection,
    "fct_incidents": incident,
    "fct_policy_versions": policy_version,
    "fct_disclosures": disclosure,
    "fct_processing": act,
    "fct_records": record_set,
    "fct_erasures": erasure,
    "fct_consents": consent,
    "fct_withdrawal_systems": withdrawal_system,
}
