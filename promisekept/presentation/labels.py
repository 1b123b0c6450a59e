"""The label of each code that people read, in the words of the glossary.

Here: plain labels, and how a code without one becomes words. Not here: labels that carry a glyph and a colour (statuses.py),
titles of metrics and findings (the catalogues in dbt_project/seeds hold them), sentences of one page or part of the report.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from promisekept.presentation.formats import NULL

ORIGINS: Mapping[str, str] = {"policy": "Promises of the policy", "law": "Duties of law", "good_practice": "Good practice"}
RIGHTS: Mapping[str, str] = {
    "access": "Access",
    "portability": "Portability",
    "rectification": "Rectification",
    "erasure": "Erasure",
    "restriction": "Restriction",
    "objection": "Objection",
    "automated_decision": "Automated decision",
    "opt_out_sale_share": "Opt-out of sale",
    "limit_sensitive": "Limit sensitive data",
    "consent_withdrawal": "Withdrawal of consent",
    "appeal": "Appeal",
    "know_sold_shared": "Know what was sold or shared",
}
CHANNELS: Mapping[str, str] = {
    "email": "E-mail",
    "mail": "Mail",
    "web_form": "Web form",
    "phone": "Phone",
    "in_app": "In the app",
    "in_person": "In person",
    "agent": "Agent",
}
DIMENSIONS: Mapping[str, str] = {
    "regime_code": "Law",
    "right_type": "Right",
    "recipient_id": "Recipient",
    "system": "System",
    "data_category": "Data category",
    "purpose_code": "Purpose",
    "collection_type": "Way of collection",
    "incident_type": "Kind of incident",
    "channel": "Channel",
    "feature": "Feature",
    "contract": "Contract",
    "jurisdiction": "Jurisdiction",
    "source": "Source",
    "log": "Log",
    "severity": "Severity",
    "expiry": "Accepted until",
}
ASSESSED: Mapping[str, str] = {"measured": "By measures", "partly": "Partly by measures", "manual": "Manual assessment"}
UNSPECIFIED = "Unspecified"
"""A dimension of one's own on a request or record set that states none."""
NO_OWNER = "no owner named"
"""Of a promise for which the pack names nobody; never a guess."""

NO_COUNT = "No independent record count"
"""Of rows whose number nobody but their own source confirms."""

STRICT, WORST = "Strict interpretation", "Worst case"
"""The values beside the standard interpretation. The worst case counts missing evidence as missed."""

REQUEST_CAUSES: Mapping[str, str] = {
    "conflicting_versions": "Conflicting versions of one event",
    "extension_late": "Extension notice late",
    "extension_not_permitted": "Extension not permitted",
    "pause_not_permitted": "Pause not permitted",
    "clock_stands": "Paused: waits for the person",
    "without_rule": "No rule found",
    "not_due": "Not due yet",
    "not_acknowledged": "Not acknowledged either",
    "no_answer": "No answer recorded",
}
DEADLINE_STEPS: Mapping[str, str] = {
    "rule": "Rule",
    "received": "Received",
    "start": "Start",
    "base_due": "Initial deadline",
    "skipped": "Days not counted",
    "pause": "Pause",
    "extension": "Extension",
    "roll": "Weekend or holiday adjustment",
    "due": "Due",
    "conflict": "Conflict",
    "before_receipt": "Before receipt",
    "state": "State",
}
UNPROVABLE: Mapping[str, str] = {
    "nothing_recorded": "Neither notice nor policy version recorded",
    "no_version": "No policy version recorded",
    "no_notice": "No notice recorded",
    "not_in_force": "Policy version not in force that day",
    "unknown_version": "Policy version absent from the policies log",
}
RECIPIENT_KINDS: Mapping[str, str] = {
    "service_provider": "Service provider",
    "legal_authority": "Legal authority",
    "consented_party": "Consented party",
    "other_authorised": "Otherwise authorised",
    "not_listed": "In no register",
}
DISCLOSURE_CHECKS: Mapping[str, str] = {
    "recipient": "Recipient",
    "reason": "Reason",
    "agreement": "Agreement",
    "consent": "Consent",
    "authority": "Authority",
    "categories": "Categories",
    "purpose": "Purpose",
    "transfer": "Transfer",
    "no_sale": "No sale",
    "told": "Notified",
    "not_stopped": "Opt-out or objection",
}
RESTATEMENT_CAUSES: Mapping[str, str] = {
    "late_rows": "Late-arriving rows",
    "correction": "Corrected by a later version",
    "later_event": "Later event",
    "conflict": "Conflicting versions",
    "missing_events": "Counted elsewhere",
    "pack": "Policy pack changed",
    "law": "Law changed",
    "code": "Program changed",
    "retired": "Logs no longer retained",
}
ROW_CLASSES: Mapping[str, str] = {
    "landed": "Landed",
    "duplicate": "Duplicate",
    "superseding": "Corrected by a later version",
    "conflicting": "Conflicting",
    "quarantined": "Quarantined",
}
"""Every row that was read is in exactly one class."""

REQUEST_TYPES: Mapping[str, str] = {
    "request_to_delete": "To delete",
    "request_to_correct": "To correct",
    "request_to_know": "To know",
    "request_to_know_sold_or_shared": "To know what was sold or shared, and to whom",
    "request_to_opt_out_of_sale_sharing": "To opt out of sale or sharing",
    "request_to_limit": "To limit use of sensitive information",
}
RESPONSES: Mapping[str, str] = {
    "complied_in_whole": "complied in whole",
    "complied_in_part": "complied in part",
    "denied": "denied",
}
DATED_BY: Mapping[str, str] = {
    "due_date": "the day on which the answer was due",
    "closed_date": "the day on which it was closed",
    "received_date": "the day of receipt",
    "ack_due_date": "the day on which the acknowledgement was due",
    "period_end": "the last day of the period",
    "to_date": "no date: everything until the snapshot",
    "occurred_at": "the day on which it happened",
    "withdrawn_at": "the day of the withdrawal",
    "deleted_at": "the day of the deletion",
    "effective_at": "the day on which the change took effect",
    "published_at": "the day of publication",
    "authority_due_at": "the day on which the notification was due",
    "persons_due_at": "the day on which the notification of the persons was due",
    "detected_at": "the day of detection",
}
"""By what a metric places a case in a period."""

EXPORTS: Mapping[str, str] = {"csv": "CSV", "document": "Document", "bundle": "Bundle", "download": "Download"}
AUDIENCES: Mapping[str, str] = {"regulator": "Regulator", "auditor": "Auditor", "public": "Public"}
PREPARED_FOR: Mapping[str, str] = {
    "regulator": "Prepared for supervisory authorities.",
    "auditor": "Prepared for the auditors of the organisation.",
    "public": "Prepared for publication.",
}
_ROWS_TOO = "figures, definitions, findings, the rows and events behind them; pseudonyms unique to this bundle."
BUNDLE_CONTENTS: Mapping[str, str] = {
    "regulator": f"Regulator: {_ROWS_TOO}",
    "auditor": f"Auditor: {_ROWS_TOO} Small counts not suppressed.",
    "public": "Public: figures and definitions only; small counts are suppressed, and every count that would reveal one.",
}

_DETAILS = {"regime_code": "law", "regime_of_place": "law of the jurisdiction"}
_EXPECTATION = re.compile(r"^(?:.*: )?(?P<type>expect_\w+)(?: \((?P<column>\w+)\))?$")
_CODED: Mapping[str, Mapping[str, str]] = {"right_type": RIGHTS, "channel": CHANNELS}


def label(table: Mapping[str, str], code: str | None) -> str:
    """The label of a code, or the code with spaces; a null code is a dash."""
    return NULL if code is None else table.get(code) or code.replace("_", " ")


def sentence(text: str | None) -> str:
    """A text or a code that has no label, as the beginning of a sentence."""
    flat = " ".join((text or "").replace("_", " ").split())
    return flat[:1].upper() + flat[1:]


def spaced(text: str | None) -> str:
    """A definition with its codes in words: `closed_on_time` reads `closed on time`."""
    return " ".join((text or "").replace("_", " ").split())


def clause(text: str) -> str:
    """A text as it is, with a capital letter first and no full stop last."""
    flat = " ".join(text.split()).rstrip(".")
    return flat[:1].upper() + flat[1:]


def jurisdictions() -> Mapping[str, str]:
    """The name of each jurisdiction by its code."""
    return _named("jurisdictions")


def jurisdiction(code: str | None) -> str:
    """The name of a jurisdiction, or its code where it has none here."""
    return _named("jurisdictions").get(code, code) if code else NULL


def regime(code: str | None) -> str:
    """The short name of a law, `CCPA (California)`, or the pack's own code where it has none here."""
    return _named("regimes").get(code, code) if code else NULL


def dimension_value(dimension: str, code: str) -> str:
    """A value of a dimension in words."""
    if dimension == "jurisdiction":
        return jurisdiction(code)
    return regime(code) if dimension == "regime_code" else label(_CODED.get(dimension, {}), code)


def detail_name(name: str) -> str:
    """What a detail of a finding is called."""
    return _DETAILS.get(name, name.replace("_", " "))


def detail_text(name: str, value: str) -> str:
    """A text of a finding's detail; laws and jurisdictions have names."""
    if name in _DETAILS:
        return regime(value)
    return jurisdiction(value) if name == "jurisdiction" else value


def reject_reason(reason: str, column: str | None) -> str:
    """Why a row was rejected, and for which column."""
    return sentence(reason) + (f": {column.replace('_', ' ')}" if column else "")


def expectation(name: str) -> str:
    """What an expectation checks, from its name, with its column where the name brings one."""
    match = _EXPECTATION.match(name)
    if match is None:
        return sentence(name)
    checked = match["type"].removeprefix("expect_").removeprefix("column_").removeprefix("table_")
    column = f" ({match['column'].replace('_', ' ')})" if match["column"] else ""
    return sentence(checked.replace("_to_", "_").replace("_be_", "_")) + column


@cache
def _named(table: str) -> Mapping[str, str]:
    with (Path(__file__).parent / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return dict(list(csv.reader(file))[1:])
