"""What a source could deliver at its worst, drawn from the contract itself: every column of every log, by its kind.

Here: rows of all ten logs that mix what is plausible with what nobody expects, a few ids and people so that they meet. Not here:
how rows arrive or what the product makes of them. A column that the contract gains is attacked without a change here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from promisekept.sources.contract import LogColumn, contract

Row = dict[str, Any]
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
ERAS = (
    datetime(1900, 1, 3, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), datetime(2024, 2, 29, 23, 59, 59, 999_999, UTC),
    datetime(2025, 12, 31, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC), NOW,
)  # fmt: skip
IDS = (
    "a|b", "a", "b|c", "a|b|c", "|", "'", '"', '"a"', "a''b", "two\nlines", "tab\there", "\\", "%s{batch}$1;--", "{{ ref('x') }}",
    "日本語", "עברית", "é", "e\u0301", "\u202eright to left", "👩‍👩‍👧", "all", "unknown", "null", "NaN", "true", "0", "-1", "*",
    " padded ", "", " ", "\u00a0", "\u0000", "=1+1", "../../etc/passwd", "<script>alert(1)</script>", "x" * 40_000, "|" * 40_000,
)  # fmt: skip
CODES = ("unknown", "other", "", "none", "telepathy", "é", "x" * 40_000, None)
PURPOSES = ("product_news", "partner_sharing", "service_delivery", "relationship", "legal_compliance", "security")
CATEGORIES = ("contact_details", "call_recording", "billing_records", "support_tickets", "government_id")
SYSTEMS = ("crm", "billing", "contact_centre", "helpdesk", "marketing_mail", "partner_gateway", "data_warehouse")
RECIPIENTS = ("cloudhost", "smtp_relay", "partner_crm", "partner_integrations", "county_court", "webinar_partner")
REGISTERS = {
    "purpose_code": PURPOSES, "purpose_codes": PURPOSES, "data_category": CATEGORIES, "data_categories": CATEGORIES,
    "system": SYSTEMS, "recipient_id": RECIPIENTS, "contract_ref": ("CT-HARBOURLINE",), "policy_version": ("v1", "v2"),
    "regime_code": ("EU_GDPR", "DECLARED", "DECLARED", "US_CA_CCPA", "nowhere"), "feature": ("call_recording", "call_summary"),
}  # fmt: skip
BEGINNINGS = {
    "requests": "received",
    "retention": "created",
    "incidents": "detected",
    "policies": "published",
    "consents": "given",
}
PLACES = ("IE", "DE", "GB-ENG", "US-CA", "US-TX", "BR", "AQ", "CA-QC")
ODD_PLACES = ("ie", "XX", "*", "US-", "US-ZZ", "", "Ireland", None)
INSTANTS = (
    "1900-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-14:00", "infinity",
    "1970-01-01T00:00:00Z", "2038-01-19T03:14:08Z", "2016-12-31T23:59:60Z", "2026-03-29T01:30:00", "2026-02-30T10:00:00Z",
    "2099-12-31T23:59:59Z", "2262-04-12T00:00:00Z", "-infinity", "yesterday", "", "2026-06-30T12:04:00Z", "2026-07-01T12:00:00Z",
    "2027-01-01T00:00:00Z", "290000-01-01T00:00:00Z", "2024-02-29T23:59:59.999999+14:00",
    "2025-12-31T23:59:59Z", "2026-06-30", None,
)  # fmt: skip
INTEGERS = (0, -1, 1, 2, 10**6, 10**11, 2**31, 2**53 + 1, 2**62, 2**63 - 1, -(2**63), 10**30, "12", "1.5", "", 0.5, "many", None)
BOOLEANS = (True, False, "true", "no", "maybe", "", 2, None)
LISTS = (["", "a|b"], ["contact_details"] * 500, "a;b;;", [], ["x" * 40_000], ["all", "unknown"], ["é", "é"], "[", None)
DATES = ("2026-02-28", "2026-02-30", "0000-01-01", "+2026-01-01", "9999-12-31", "1899-12-31", "31/12/2026", "soon", "", None)
DATE_TEXTS = ("2026-01", "2026-01-31", "2026-13", "2026-02-30", "1900-01-01", "9999-12", "soon", "", None)
URIS = ("https://example.org/proof/1", "mailto:a@example.org", "file:///etc/passwd", "x" * 40_000, "", "not a uri", None)


def deliveries(dice: Random, lives: int, logs: tuple[str, ...] = tuple(contract())) -> dict[str, list[Row]]:
    """Rows by log: so many lives in each, some of them plausible, some with a few odd values, some odd throughout."""
    return {log: [row for number in range(lives) for row in _life(dice, log, number)] for log in logs}


def _life(dice: Random, log: str, number: int) -> list[Row]:
    """The events of one life: most in some order within two years, some at one instant, some delivered again or contradicted."""
    oddness = dice.choice((0.0, 0.0, 0.02, 0.1, 0.5))
    ids = [name for name in contract()[log].life if name.endswith("_id")]
    shared = {name: _odd(dice, IDS) if dice.random() < 0.2 else f"{log}-{number}" for name in ids}
    if contract()[log].subjects and dice.random() < 0.7:
        shared |= {"subject_ref": f"person{dice.randrange(12)}@example.org", "subject_ref_type": "email"}
    begun = dice.choice(ERAS) if dice.random() < 0.1 else NOW - timedelta(hours=dice.randrange(24 * 700))
    rows: list[Row] = []
    for step in range(dice.choice((1, 1, 2, 3, 5, 9, 14))):
        begun += timedelta(hours=dice.choice((0, 0, 1, dice.randrange(24 * 50)))) * dice.choice((1, 1, 1, -1))
        row = _event(dice, log, begun, oddness) | (shared if dice.random() < 0.9 else {})
        if not rows and log in BEGINNINGS and dice.random() < 0.8:
            row |= _event(dice, log, begun, oddness, BEGINNINGS[log])
        row["event_id"] = _odd(dice, IDS) if dice.random() < oddness else f"{log}-{number}-{step}"
        rows.append(row)
    return [landed for row in rows for landed in _deliveries_of(dice, log, row, begun)]


def _deliveries_of(dice: Random, log: str, row: Row, begun: datetime) -> list[Row]:
    """A row as it is delivered: once, twice, contradicted under the same revision, or corrected by a later one."""
    kind = dice.choice(("once",) * 8 + ("twice", "contradicted", "superseded"))
    if kind == "once":
        return [row]
    other = row if kind == "twice" else _event(dice, log, begun, 0.1) | {"event_id": row["event_id"]}
    also = {"revision": dice.choice((1, 2, 2**62))} if kind == "superseded" else {}
    return dice.sample([row, other | also], 2)


def _event(dice: Random, log: str, near: datetime, oddness: float, event_type: str | None = None) -> Row:
    row = {
        column.name: _value(dice, column, near, odd=dice.random() < oddness)
        for column in contract()[log].columns
        if column.required or dice.random() < (0.95 if column.required_on else 0.4)
    }
    return row if event_type is None else row | {"event_type": event_type}


def _value(dice: Random, column: LogColumn, near: datetime, *, odd: bool) -> Any:
    plausible, odd_values = _KINDS[column.kind]
    return _odd(dice, odd_values) if odd else plausible(dice, column, near)


def _odd(dice: Random, values: tuple[Any, ...]) -> Any:
    return dice.choice(values)


def _code(dice: Random, column: LogColumn, _: datetime) -> str:
    return dice.choice(column.codes)


def _text(dice: Random, column: LogColumn, _: datetime) -> str:
    return dice.choice(REGISTERS.get(column.name) or (f"{column.name}-{dice.randrange(5)}",))


def _list(dice: Random, column: LogColumn, _: datetime) -> list[str]:
    return [dice.choice(REGISTERS[column.name]) for _ in range(dice.choice((1, 1, 2, 3)))]


def _instant(dice: Random, _: LogColumn, near: datetime) -> str:
    return (near + timedelta(hours=dice.choice((0, 0, 1, -1, 24, -24, dice.randrange(-2000, 2000))))).isoformat()


def _whole(dice: Random, column: LogColumn, _: datetime) -> int:
    return dice.choice((column.least, 1, 7, 300))


_KINDS: dict[str, tuple[Callable[[Random, LogColumn, datetime], Any], tuple[Any, ...]]] = {
    "text": (_text, IDS),
    "code": (_code, CODES),
    "list": (
        _list,
        (["", "a|b"], ["contact_details"] * 500, "a;b;;", [], ["x" * 40_000], ["all", "unknown"], ["é", "é"], "[", None),
    ),
    "place": (lambda dice, *_: dice.choice(PLACES), ODD_PLACES),
    "country": (lambda dice, *_: dice.choice(("IE", "US", "BR")), ODD_PLACES),
    "uri": (lambda *_: URIS[0], URIS),
    "instant": (_instant, INSTANTS),
    "integer": (_whole, INTEGERS),
    "revision": (lambda *_: 0, (*INTEGERS, *INSTANTS)),
    "boolean": (lambda dice, *_: dice.random() < 0.5, BOOLEANS),
    "date": (lambda dice, _, near: near.date().isoformat(), DATES),
    "date_text": (lambda dice, _, near: near.date().isoformat()[: dice.choice((7, 10))], DATE_TEXTS),
    "subject": (lambda dice, *_: f"person{dice.randrange(12)}@example.org", IDS),
}
