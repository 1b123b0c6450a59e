"""Independent engine for one processing operation: its purpose, legal basis, consent and stops.

Here: the checks of one row, with the registers, the person's decisions and the person's stops. Not here: when a stop begins and
ends (stops.py), who is one person (persons.py). Nothing is shared with the product's SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oracles.consents import CONSENTS, DECISIONS
from oracles.occurrence import by_then
from oracles.policies import holds
from oracles.stops import Stop, Wait

RECORDED = (
    *("event_id", "subject_key", "subject_ref_type", "occurred_at", "purpose_code", "system", "data_categories"),
    *("automated_decision", "legal_basis"),
)
STOPPING = ("erasure", "objection", "restriction")
BANNING = ("objection", "automated_decision")
NEVER_STOPPED = ("legal_obligation", "vital_interests")
Row = dict[str, Any]


@dataclass(frozen=True)
class Declared:
    """A row of the pack's register of purposes or categories: in force from a day, up to and without another."""

    code: str
    consent_required: bool = False
    consent_valid_days: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def on(self, day: date) -> bool:
        """Whether it is in force that day."""
        return not (self.valid_from and day < self.valid_from) and not (self.valid_to and day >= self.valid_to)


@dataclass(frozen=True)
class Context:
    """What lies beside the act: registers (None = no such file), who is who, what everybody decided, stopped and did."""

    purposes: tuple[Declared, ...] | None
    categories: tuple[Declared, ...] | None
    persons: dict[str, str]
    decisions: dict[tuple[str, str], list[Row]]
    stops: dict[str, list[Stop]]
    acts: dict[str, list[Row]]
    waits: dict[str, list[Wait]]
    versions: dict[str, dict[str, datetime]] = field(default_factory=dict)
    zone: str = "Europe/Dublin"

    def day(self, at: datetime) -> date:
        """The organisation's date."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def purpose(self, code: str, at: datetime) -> Declared | None:
        """What the pack declared of a purpose on that day."""
        return next((row for row in self.purposes or () if row.code == code and row.on(self.day(at))), None)


def decisions_of(consents: list[Row], persons: dict[str, str], as_of: datetime) -> dict[tuple[str, str], list[Row]]:
    """What each person decided about each purpose, in order, under whatever identifier."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in by_then(consents, as_of):
        if row["event_type"] in DECISIONS:
            found.setdefault((persons.get(row["subject_key"], row["subject_key"]), row["purpose_code"]), []).append(row)
    for rows in found.values():
        rows.sort(key=lambda it: (it["occurred_at"], DECISIONS.index(it["event_type"]), it["event_id"], it["namespace"]))
    return found


def evaluate(row: Row, context: Context, as_of: datetime) -> Row | None:
    """Evaluate one act: its row by column, without what leads back to a batch; None if it had not happened."""
    if not by_then([row], as_of):
        return None
    at, code, basis = row["occurred_at"], row["purpose_code"], row["legal_basis"]
    day = context.day(at)
    person = context.persons.get(row["subject_key"], row["subject_key"])
    purpose = context.purpose(code, at)
    unlisted = None
    if context.categories is not None:
        unlisted = sorted(set(row["data_categories"]) - {one.code for one in context.categories if one.on(day)})
    covering = [stop for stop in context.stops.get(person, ()) if stop.binds(code, at)]
    stops = [stop for stop in covering if stop.knows_scope]
    rights = sorted({stop.right_type for stop in stops} & {*STOPPING})
    stop = first(stops, STOPPING) if basis not in NEVER_STOPPED else None
    ban = first(stops, BANNING) if row["automated_decision"] is not False else None
    possible = possibly(covering, STOPPING, basis == "unknown") if basis not in NEVER_STOPPED else []
    possible_bans = (
        possibly(covering, BANNING, row["automated_decision"] is None) if row["automated_decision"] is not False else []
    )
    nobody_knows = basis == "unknown"
    pending = [wait for wait in context.waits.get(person, ()) if wait.lasts(at) and basis not in NEVER_STOPPED]
    disregarded = sorted((wait for wait in pending if wait.covers(code)), key=lambda it: (it.since, it.request_key))
    in_force = {stop.right_type for stop in context.stops.get(person, ()) if stop.is_in_force(at)}
    consent = consented(context.decisions.get((person, code), []), context, at) if basis == "consent" else None
    version_in_force = was_in_force(consent, context) if consent else None
    return {name: row.get(name) for name in RECORDED} | {
        "occurred_date": day,
        "ok_purpose": None if context.purposes is None else purpose is not None,
        "ok_basis": basis == "consent" if purpose and purpose.consent_required and not nobody_knows else None,
        "consent_required": bool(purpose and purpose.consent_required),
        "ok_consent": consent is not None if basis == "consent" else None,
        "consent_version_in_force": version_in_force,
        "consent_provable": version_in_force and consent["notice_id"] is not None if consent else None,
        "ok_not_stopped": None if basis in NEVER_STOPPED else verdict(stop if not nobody_knows else None, possible),
        "ok_no_automated_decision": verdict(ban, possible_bans) if row["automated_decision"] else None,
        "unlisted_categories": unlisted,
        "ok_categories": None if unlisted is None else not unlisted,
        "stopped_by": stop.request_key if stop else None,
        "stopped_right_type": stop.right_type if stop else None,
        "stopped_right_types": rights if stop else None,
        "stopped_at": stop.stopped_at if stop else None,
        "possible_stop_right_types": possible,
        "possible_decision_stop_right_types": possible_bans,
        "bases_before_objection": bases_before(row, covering, context.acts.get(person, ()), context.persons),
        "stops_in_force": sorted(in_force - {"opt_out_sale_share"}),
        "requests_pending": sorted({wait.right_type for wait in pending}),
        "pending_right_types": sorted({wait.right_type for wait in disregarded}),
        "pending_request": disregarded[0].request_key if disregarded else None,
        "decision_stopped_by": ban.request_key if ban else None,
        "decision_stopped_right_type": ban.right_type if ban else None,
    }


def bases_before(row: Row, covering: Iterable[Stop], acts: Iterable[Row], person_of: dict[str, str]) -> list[str] | None:
    """On what bases the same was done before the person objected to it, if its own is none of them; None = nothing to see."""
    objected = min((stop.stopped_at for stop in covering if stop.right_type == "objection"), default=None)
    if objected is None or row["legal_basis"] == "unknown":
        return None
    person = person_of.get(row["subject_key"], row["subject_key"])
    before = {
        act["legal_basis"]
        for act in acts
        if (act["purpose_code"], act["system"]) == (row["purpose_code"], row["system"])
        and person_of.get(act["subject_key"], act["subject_key"]) == person
        and act["occurred_at"] <= objected
    } - {"unknown"}
    return sorted(before) if before and row["legal_basis"] not in before else None


def possibly(covering: Iterable[Stop], rights: tuple[str, ...], act_is_unknown: bool) -> list[str]:
    """The rights of those that possibly bind: for want of a scope, or of a word about the act."""
    return sorted({it.right_type for it in covering if it.right_type in rights and (act_is_unknown or not it.knows_scope)})


def verdict(stop: Stop | None, possible: list[str]) -> bool | None:
    """False where one binds for sure, nothing where one may, else true."""
    return False if stop else None if possible else True


def first(stops: Iterable[Stop], rights: tuple[str, ...]) -> Stop | None:
    """Of those that bind by one of these rights, the one that closed first."""
    return min((it for it in stops if it.right_type in rights), key=lambda it: (it.stopped_at, it.request_key), default=None)


def consented(decisions: list[Row], context: Context, at: datetime) -> Row | None:
    """The consent that lasted then, if the last thing that the person had decided by then was one."""
    last = next((row for row in reversed(decisions) if row["occurred_at"] <= at), None)
    if last is None or last["event_type"] not in CONSENTS:
        return None
    purpose = context.purpose(last["purpose_code"], last["occurred_at"])
    if purpose is None or purpose.consent_valid_days is None:
        return last
    return last if at < last["occurred_at"] + timedelta(hours=24 * purpose.consent_valid_days) else None


def was_in_force(consent: Row, context: Context) -> bool:
    """Whether the version that a consent names was in force when it was given."""
    version = context.versions.get(consent["policy_version"], {})
    return holds(version.get("effective"), version.get("superseded"), consent["occurred_at"])
