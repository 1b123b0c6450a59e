"""A small organisation all of whose ten logs speak of the same few people, so that what crosses from log to log is met.

Here: a world with a source for each log and the registers of the demo, and lives drawn at random in which people consent and
withdraw, stop and are erased, while records, disclosures and acts go on before and after. Not here: how rows arrive
(arrivals.py), any rule, and any expectation.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from world import World

import promisekept.demo

FIRST_DAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAYS = 40
LOGS = (
    *("requests", "consents", "disclosures", "retention", "collections", "processing"),
    *("incidents", "policies", "subject_links", "remediations"),
)
WITHOUT_SUBJECT = ("incidents", "policies", "subject_links")
KEY = "ab" * 32  # one key for all worlds: the same people have the same keys
DEMO = Path(promisekept.demo.__file__).parent / "pack"
PLACES = ("IE", "DE", "GB-ENG", "US-CA", "BR", "AQ")
RIGHTS = (
    *("erasure", "erasure", "objection", "restriction", "opt_out_sale_share", "automated_decision", "access", "rectification"),
    *("consent_withdrawal", "consent_withdrawal"),
)
ENDS = ("fulfilled",) * 6 + ("partially_fulfilled", "denied", "withdrawn", "excluded", None)
REASONS = {"denied": "exempt", "partially_fulfilled": "third_party_rights", "excluded": "not_a_request"}
CONSENTED = {"product_news": ("marketing_mail", "crm"), "partner_sharing": ("crm", "partner_gateway")}
RECORDS = (
    ("contact_details", "relationship", "crm", None),
    ("call_recording", "service_delivery", "contact_centre", "CT-HARBOURLINE"),
    ("support_tickets", "service_delivery", "helpdesk", None),
    ("billing_records", "legal_compliance", "billing", None),
    ("shoe_size", "relationship", "crm", None),
)
SHARED = (
    ("cloudhost", "provide_service", "service_delivery", "contact_details", "US"),
    ("smtp_relay", "provide_service", "product_news", "contact_details", "IE"),
    ("partner_crm", "consented_or_requested", "partner_sharing", "contact_details", "GB"),
    ("partner_integrations", "consented_or_requested", "partner_sharing", "billing_records", "US"),
    ("county_court", "required_by_law", "legal_compliance", "billing_records", "US"),
    ("webinar_partner", "other", "relationship", "contact_details", "US"),
    ("nobody_knows", "other", "relationship", "contact_details", None),
)
Row = dict[str, Any]
DIMENSIONS = {
    "requests": {"department": {"title": "Department"}, "team": {"title": "Team"}},
    "records": {"department": {"title": "Department"}, "product_line": {"title": "Product line", "column": "line"}},
}
STATED = ({"department": "Sales"}, {"department": 'Support "24/7"', "team": "South", "line": "Phones"}, {})
"""What the events of an organisation state of its own dimensions, one after the other; some events state nothing."""


def world_of_all_logs(folder: Path) -> World:
    """An organisation in Dublin with one source for each log, the registers of the demo pack and a fixed key."""
    world = World(folder)
    shutil.copytree(DEMO, folder / "pack", dirs_exist_ok=True)
    (folder / "keys" / "pseudonym.key").write_text(KEY, encoding="ascii")
    world.configure(*map(source, LOGS), dimensions=DIMENSIONS)
    return world


def source(log: str) -> Row:
    """The configuration of the source that delivers a log as JSON Lines."""
    plain = {"name": log, "log": log, "reader": {"kind": "files", "path": f"./inbox/{log}/*.jsonl"}}
    return plain | ({} if log in WITHOUT_SUBJECT else {"defaults": {"subject_ref_type": "email"}})


def stated(other: str, number: int) -> Row:
    """The department, and the other dimension of its log, that the event of that number states."""
    return {name: value for name, value in STATED[number % len(STATED)].items() if name in ("department", other)}


@dataclass
class History:
    """Every event of an organisation, each row with its `log`."""

    dice: Random
    rows: list[Row] = field(default_factory=list)

    def happened(self, log: str, occurred_at: datetime, **columns: Any) -> Row:
        """One more event; a column that is None is left out."""
        row = {"log": log, "event_id": f"{log}-{len(self.rows):05d}", "occurred_at": occurred_at.isoformat(), "revision": 1}
        self.rows.append(row | {name: as_text(value) for name, value in columns.items() if value is not None})
        return self.rows[-1]

    def later(self, at: datetime, days: int = 9) -> datetime:
        """Some hours or days after a moment; now and then at the same instant."""
        return at + timedelta(hours=self.dice.choice((0, 1, self.dice.randint(2, 24 * days))))


def as_text(value: Any) -> Any:
    """An instant as text."""
    return value.isoformat() if isinstance(value, datetime) else value


def history(seed: int, people: int = 25) -> list[Row]:
    """The events of some people and of their organisation, in the order in which they happened."""
    history = History(Random(seed))
    _policies(history)
    _incidents(history)
    for number in range(people):
        _life(history, number)
    _remediations(history)
    return sorted(history.rows, key=lambda row: row["occurred_at"])


def _life(history: History, number: int) -> None:
    dice = history.dice
    begun = FIRST_DAY + timedelta(hours=dice.randrange(24 * DAYS // 2))
    email, customer = f"person{number}@example.org", f"C-{number}"
    names = [{"subject_ref": email}]
    if dice.random() < 0.8:
        linked = {"subject_ref": email, "subject_ref_type": "email", "other_ref": customer, "other_ref_type": "customer_id"}
        history.happened("subject_links", dice.choice((begun, history.later(begun))), **linked)
        names.append({"subject_ref": customer, "subject_ref_type": "customer_id"})

    def person() -> Row:
        return dice.choice(names)

    _collected(history, begun, person())
    given = _consents(history, begun, person)
    records = [_record(history, history.later(begun), f"rec-{number}-{step}", person()) for step in range(dice.randint(0, 3))]
    closed = _request(history, history.later(begun, 20), f"req-{number}", person(), [what[2] for what in records])
    for at in (begun, *given, *closed):
        for _ in range(dice.choice((0, 1, 1, 2))):
            _shared(history, history.later(at, 4), dice.choice((person(), person(), {})))
        for _ in range(dice.choice((0, 1, 1, 2))):
            _processed(history, history.later(at, 4), person())
    for at in closed:
        for record_id, _, _ in records:
            _ended(history, at, record_id)
        if dice.random() < 0.2:
            _collected(history, history.later(at), person())


def _collected(history: History, at: datetime, person: Row) -> None:
    dice = history.dice
    kind = dice.choice(("automatic", "requested", "feature"))
    told_at = dice.choice((at, at - timedelta(days=1), at + timedelta(hours=1), None))
    history.happened(
        "collections", at, **person, collection_type=kind, feature="call_recording" if kind == "feature" else None,
        data_categories=dice.choice((["contact_details"], ["call_recording", "shoe_size"])), purpose_code="service_delivery",
        notice_shown_at=told_at, notice_id="n-1" if told_at else None, policy_version=dice.choice(("v1", "v2", None)),
        notice_exemption=None if told_at else dice.choice((None, "already_informed")), jurisdiction="IE",
    )  # fmt: skip


def _consents(history: History, begun: datetime, person: Any) -> list[datetime]:
    dice, moments = history.dice, []
    for purpose, systems in CONSENTED.items():
        at = begun
        for kind in dice.choice(
            (("shown",), ("given",), ("shown", "refused"), *[("given", "withdrawn")] * 3, ("given", "withdrawn", "given"))
        ):
            at = history.later(at)
            proof = {"policy_version": dice.choice(("v1", "v2")), "notice_id": dice.choice(("n-1", None))}
            history.happened("consents", at, **person(), purpose_code=purpose, event_type=kind, mechanism="form", **proof)
            moments.append(at)
            if kind == "withdrawn":
                for system in dice.sample(systems, dice.randint(0, 2)):
                    applied = {"purpose_code": purpose, "event_type": "withdrawal_applied", "mechanism": "api", "system": system}
                    history.happened("consents", history.later(at, 5), **person(), **applied)
    return moments


def _record(history: History, at: datetime, record_id: str, person: Row) -> tuple[str, datetime, str]:
    dice = history.dice
    category, purpose, system, contract = dice.choice(RECORDS)
    history.happened(
        "retention", at - timedelta(days=dice.choice((0, 20, 80, 400))), **person, record_id=record_id, event_type="created",
        system=system, data_category=category, purpose_code=purpose, jurisdiction=dice.choice((None, "IE", "US-CA")),
        contract_ref=dice.choice((None, contract)), record_count=dice.randint(1, 40), **stated("line", len(history.rows)),
    )  # fmt: skip
    for kind in dice.choice(((), (), ("last_activity",), ("trigger",), ("hold_placed",), ("hold_placed", "hold_released"))):
        at = history.later(at)
        history.happened("retention", at, record_id=record_id, event_type=kind, hold_ref="H-1" if "hold" in kind else None)
    return record_id, at, system


def _ended(history: History, closed: datetime, record_id: str) -> None:
    dice = history.dice
    for kind in dice.choice(((), ("deleted",), ("deleted", "deleted"), ("anonymised", "seen"), ("deleted", "seen"), ("seen",))):
        closed = history.later(closed)
        method = {"deleted": "hard_delete", "anonymised": "anonymise"}.get(kind)
        part = dice.choice((None, None, 1, 12)) if method else None
        history.happened("retention", closed, record_id=record_id, event_type=kind, method=method, record_count=part)


def _request(history: History, at: datetime, request_id: str, person: Row, systems: list[str]) -> list[datetime]:
    dice = history.dice
    right, place = dice.choice(RIGHTS), dice.choice(PLACES)
    history.happened(
        "requests", at, **person, request_id=request_id, event_type="received", right_type=right, jurisdiction=place,
        channel=dice.choice(("email", "mail", "web_form")), purpose_codes=dice.choice((None, None, ["partner_sharing"])),
        recorded_at=at + timedelta(hours=dice.randint(0, 60)), **stated("team", len(history.rows)),
    )  # fmt: skip
    for kind in ("acknowledged", "identity_requested", "identity_verified", "extended", "clarification_requested"):
        at = history.later(at, 4)
        if dice.random() < 0.35:
            history.happened("requests", at, request_id=request_id, event_type=kind)
    for system in dice.sample(systems, min(len(systems), dice.randint(0, 2))):
        history.happened("requests", at, request_id=request_id, event_type="system_completed", system=system)
    end = dice.choice(ENDS)
    if end is None:
        return []
    at = history.later(at)
    history.happened("requests", at, request_id=request_id, event_type=end, reason_code=REASONS.get(end))
    if end == "fulfilled" and dice.random() < 0.3:
        history.happened(
            "requests", history.later(at), request_id=request_id, event_type=dice.choice(("stop_lifted", "reopened"))
        )
    return [at]


def _shared(history: History, at: datetime, person: Row) -> None:
    dice = history.dice
    recipient, reason, purpose, category, country = dice.choice(SHARED)
    told_at = dice.choice((at, at - timedelta(days=3), at + timedelta(days=1), None))
    history.happened(
        "disclosures", at, **person, recipient_id=recipient, reason_code=reason, purpose_code=purpose,
        data_categories=dice.choice(([category], [category, "government_id"])), disclosed_to_subject_at=told_at,
        disclosure_exemption=None if told_at else dice.choice((None, "not_possible")), destination_country=country,
        authority_ref=dice.choice((None, "A-7")), consideration=dice.choice(("none",) * 6 + ("monetary",)),
        record_count=dice.randint(1, 9),
    )  # fmt: skip


def _processed(history: History, at: datetime, person: Row) -> None:
    dice = history.dice
    purpose = dice.choice((*CONSENTED, "service_delivery", "fortune_telling"))
    basis = dice.choice(("consent", "consent", "contract", "legal_obligation", "legitimate_interests"))
    history.happened(
        "processing", at, **person, purpose_code=purpose, system=dice.choice(("crm", "data_warehouse")),
        data_categories=["contact_details"], automated_decision=dice.random() < 0.3, legal_basis=basis,
    )  # fmt: skip


def _policies(history: History) -> None:
    for version, begun in (("v1", FIRST_DAY - timedelta(days=90)), ("v2", FIRST_DAY + timedelta(days=18))):
        published = {"policy_version": version, "material": True, "last_updated_shown": begun.date().isoformat()}
        history.happened("policies", begun, event_type="published", **published)
        sent = begun + timedelta(days=history.dice.choice((1, 9)))
        counts = {"policy_version": version, "audience_size": 300, "notified_count": 250}
        history.happened("policies", sent, event_type="change_notified", **counts)
        history.happened("policies", begun + timedelta(days=5), event_type="effective", policy_version=version)
    history.happened("policies", FIRST_DAY + timedelta(days=23), event_type="superseded", policy_version="v1")


def _remediations(history: History) -> None:
    """What employees recorded about a few groups of findings: each act some days after the one before, or at the same instant."""
    dice, at = history.dice, FIRST_DAY + timedelta(days=10)
    columns = {
        "assigned": {"owner": "Legal", "due_date": "2026-02-10"},
        "commented": {"note": "The agreement is with the provider"},
        "accepted": {"note": "Renewal is signed in February", "accepted_until": "2026-02-15"},
        "resolved": {"note": "The export was stopped"},
        "reopened": {"note": "It runs again"},
        "attested": {"control_id": "CTL-SEC-ACCESS", "result": "kept", "valid_until": "2026-12-31"}
        | {"evidence_ref": "https://evidence.example.org/2026"},
    }
    acts = ["assigned", "accepted", *(dice.choice(list(columns)) for _ in range(10))]
    for number, act in enumerate(acts):
        group = None if act == "attested" else f"group-{number % 3}"
        person = {"subject_ref": f"E-{number % 2}", "subject_ref_type": "employee_id", "role": "officer"}
        history.happened("remediations", at, event_type=act, group_key=group, **person, **columns[act])
        at = history.later(at, days=4)
    struck = history.rows[-1]["event_id"]
    history.happened("remediations", at, event_type="withdrawn", withdrawn_event_id=struck, **person)


def _incidents(history: History) -> None:
    kinds = ("unauthorised_access", "alteration", "disclosure", "destruction")
    for number in range(5):
        detected = FIRST_DAY + timedelta(hours=history.dice.randrange(24 * DAYS))
        incident = {"incident_id": f"inc-{number}"}
        what = {
            "incident_type": history.dice.choice(kinds),
            "jurisdiction": history.dice.choice(PLACES),
            "affected_subjects": number,
        }
        history.happened("incidents", detected, event_type="detected", **incident, **what)
        for kind in history.dice.choice(((), ("authority_notified",), ("assessed_no_risk",), ("contained", "closed"))):
            history.happened("incidents", history.later(detected, 4), event_type=kind, **incident)
