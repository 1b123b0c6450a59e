"""Independent engine for one disclosure: its recipient, reason, agreement, consent, transfer and notice.

Here: the eleven checks of one row, with the pack's registers. Nothing is shared with the SQL. Not here: who is one person
(persons.py), consent (consents.py) and stops (stops.py), which the caller passes in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from oracles.occurrence import by_then

RECORDED = (
    *("event_id", "subject_key", "recipient_id", "reason_code", "purpose_code", "data_categories", "occurred_at"),
    *("collected_at", "disclosed_to_subject_at", "disclosure_exemption", "authority_ref", "destination_country"),
    *("consideration", "record_count"),
)
IN_ORDER = (
    *("ok_recipient", "ok_reason", "ok_agreement", "ok_consent", "ok_authority", "ok_categories", "ok_purpose"),
    *("ok_transfer", "ok_no_sale", "ok_told", "ok_not_stopped"),
)
SUITS = {
    "service_provider": {"provide_service", "service_functionality"},
    "legal_authority": {"required_by_law"},
    "consented_party": {"consented_or_requested"},
    "other_authorised": {"provide_service", "service_functionality", "required_by_law", "other"},
}
# (subject_key, purpose_code, instant) -> whether consent is active then
Agreed = Callable[[str, str, datetime], bool]
# (subject_key, purpose_code, instant) -> the stops that hold then, as stopped_at, request_key, right_type and whether it is known
# what they cover, the first one first; and the rights of those that hold for any purpose
Stop = tuple[datetime, str, str, bool]
Stopped = Callable[[str, str, datetime], tuple[list[Stop], set[str]]]


@dataclass(frozen=True)
class Dated:
    """A row of a register: in force from a day, up to and without another."""

    valid_from: date | None = None
    valid_to: date | None = None

    def on(self, day: date) -> bool:
        """Whether it is in force that day."""
        return not (self.valid_from and day < self.valid_from) and not (self.valid_to and day >= self.valid_to)


@dataclass(frozen=True)
class Recipient(Dated):
    """A recipient as the register knows it."""

    recipient_id: str = ""
    recipient_kind: str = ""
    allowed_purposes: tuple[str, ...] = ()
    allowed_categories: tuple[str, ...] = ()
    purposes_without_consent: tuple[str, ...] = ()
    citation: str | None = None


@dataclass(frozen=True)
class Agreement(Dated):
    """What was signed with a recipient."""

    recipient_id: str = ""
    agreement_ref: str = ""
    transfer_mechanism: str | None = None


@dataclass(frozen=True)
class Category(Dated):
    """A category that the pack lists."""

    data_category: str = ""


@dataclass(frozen=True)
class Registers:
    """The pack; a register that is None is not there at all, which is not the same as empty."""

    recipients: tuple[Recipient, ...] | None
    agreements: tuple[Agreement, ...] | None
    categories: tuple[Category, ...] | None
    asking: frozenset[str] = frozenset()
    declared: frozenset[str] = frozenset()
    adequate: frozenset[str] = frozenset()
    home: str = "IE"
    policy_since: datetime | None = None
    zone: str = "Europe/Dublin"


def evaluate(row: dict[str, Any], pack: Registers, agreed: Agreed, stopped: Stopped, as_of: datetime) -> dict[str, Any] | None:
    """Evaluate one disclosure.

    Args:
        row: as landed.
        pack: its registers.
        agreed: the result of consents.py for the person.
        stopped: the result of stops.py for the person.
        as_of: when one looks.

    Returns:
        Its row by column, without what leads back to a batch; None if it had not happened.
    """
    if not by_then([row], as_of):
        return None
    day = row["occurred_at"].astimezone(ZoneInfo(pack.zone)).date()
    entry = next((one for one in pack.recipients or () if one.recipient_id == row["recipient_id"] and one.on(day)), None)
    signed = last_first(one for one in pack.agreements or () if one.recipient_id == row["recipient_id"] and one.on(day))
    mechanisms = [one.transfer_mechanism for one in signed if one.transfer_mechanism]
    given = set(row["data_categories"])
    forbidden = None if entry is None else sorted(given - set(entry.allowed_categories))
    known = None if pack.categories is None else {one.data_category for one in pack.categories if one.on(day)}
    may_bind = row["subject_key"] is not None and row["reason_code"] != "required_by_law"
    stops, in_force = stopped(row["subject_key"], row["purpose_code"], row["occurred_at"]) if may_bind else ([], set())
    binding, possible = may_go_on(row, entry, pack, stops)
    verdict = False if binding else None if possible or not may_bind else True
    stop = binding[0] if binding else None
    checks = {
        "ok_recipient": None if pack.recipients is None else entry is not None,
        "ok_reason": None if entry is None else row["reason_code"] in SUITS[entry.recipient_kind],
        "ok_agreement": has_agreement(entry, signed, pack),
        "ok_consent": rests_on_consent(row, asks_for_consent(row, entry, pack), agreed),
        "ok_authority": bool(row["authority_ref"]) if entry and entry.recipient_kind == "legal_authority" else None,
        "ok_categories": None if forbidden is None else not forbidden,
        "ok_purpose": None if entry is None else row["purpose_code"] in entry.allowed_purposes,
        "ok_transfer": may_travel(row["destination_country"], mechanisms, pack),
        "ok_no_sale": {"none": True, "unknown": None}.get(row["consideration"], False),
        "ok_told": was_notified(row, pack.policy_since),
        "ok_not_stopped": verdict,
    }
    failed = [name for name in IN_ORDER if checks[name] is False]
    return (
        {name: row.get(name) for name in RECORDED}
        | checks
        | {
            "occurred_date": day,
            "recipient_kind": entry.recipient_kind if entry else None,
            "within_policy": not failed,
            "failed_checks": failed,
            "purpose_declared": row["purpose_code"] in pack.declared,
            "needs_consent": asks_for_consent(row, entry, pack),
            "exempt_told": row["disclosure_exemption"] is not None,
            "agreement_ref": signed[0].agreement_ref if signed else None,
            "transfer_mechanism": mechanisms[0] if mechanisms else None,
            "forbidden_categories": forbidden,
            "unlisted_categories": None if known is None else sorted(given - known),
            "stopped_at": stop[0] if stop else None,
            "stopped_by": stop[1] if stop else None,
            "stopped_right_type": stop[2] if stop else None,
            "stopped_right_types": sorted({one[2] for one in binding}) if binding else None,
            "possible_stop_right_types": sorted({one[2] for one in possible}),
            "stops_in_force": sorted(in_force),
        }
    )


def last_first(agreements: Iterable[Agreement]) -> list[Agreement]:
    """The one that began last comes first, then by name."""
    return sorted(agreements, key=lambda one: (-(one.valid_from or date.min).toordinal(), one.agreement_ref))


def has_agreement(entry: Recipient | None, signed: list[Agreement], pack: Registers) -> bool | None:
    """Whether the kinds that need one have an agreement in force."""
    if entry is None or pack.agreements is None or entry.recipient_kind not in {"service_provider", "other_authorised"}:
        return None
    return bool(signed)


def asks_for_consent(row: dict[str, Any], entry: Recipient | None, pack: Registers) -> bool:
    """Whether consent is claimed, or asked for by the purpose although nothing else allows this recipient to have it."""
    if row["reason_code"] == "consented_or_requested":
        return True
    if row["reason_code"] == "required_by_law" or row["purpose_code"] not in pack.asking:
        return False
    return entry is None or row["purpose_code"] not in entry.purposes_without_consent


def rests_on_consent(row: dict[str, Any], asked: bool, agreed: Agreed) -> bool | None:
    """Whether the person had agreed, where that is asked; without a person it is unknown, but must not be claimed either."""
    if not asked:
        return None
    if row["subject_key"] is None:
        return False if row["reason_code"] == "consented_or_requested" else None
    return agreed(row["subject_key"], row["purpose_code"], row["occurred_at"])


def may_travel(country: str | None, mechanisms: list[str], pack: Registers) -> bool | None:
    """Whether the data may go there: home, to an adequate place, or under a mechanism of transfer."""
    if country is None:
        return None
    if country == pack.home or country in pack.adequate or mechanisms:
        return True
    return None if pack.agreements is None else False


def was_notified(row: dict[str, Any], policy_since: datetime | None) -> bool | None:
    """Whether the person was notified by then of a policy; not applicable without a person or where a notice was excused."""
    if row["subject_key"] is None or row["disclosure_exemption"]:
        return None
    notified_at = row["disclosed_to_subject_at"]
    return notified_at is not None and notified_at <= row["occurred_at"] and (policy_since is None or notified_at >= policy_since)


def may_go_on(row: dict[str, Any], entry: Recipient | None, pack: Registers, stops: list[Stop]) -> tuple[list[Stop], list[Stop]]:
    """Of what the person stopped, what binds the disclosure, the first one first, and what possibly binds it.

    An opt-out of sale and sharing binds wherever something is given in return, or the recipient is not known as a service
    provider; without a register of recipients nobody can say what the recipient is, and of what may have been paid for nobody
    can say whether a service provider bought it.
    """
    paid = row["consideration"] in {"monetary", "other_valuable"}
    serves = entry is not None and entry.recipient_kind == "service_provider"
    is_sale = paid or (pack.recipients is not None and not serves)
    in_doubt = not is_sale and (pack.recipients is None or row["consideration"] == "unknown")
    concerned = [stop for stop in stops if stop[2] != "opt_out_sale_share" or is_sale]
    doubtful = [stop for stop in stops if stop[2] == "opt_out_sale_share" and in_doubt]
    binding = [stop for stop in concerned if stop[3]]
    return binding, [stop for stop in concerned if not stop[3]] + doubtful
