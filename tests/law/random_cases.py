"""Random requests: the generator behind the law's property tests.

Here: what a random case may hold, drawn so that it comes close to every boundary (month ends, holidays, clock changes, the
last day of a period), and the extra places and rules that the shipped law does not exercise. Not here: the expected rows.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from oracles.calendars import Calendar
from oracles.clock import add, roll
from oracles.events import ANSWERS, EVENT_TYPES, Place
from oracles.law import PACKAGED_LAW, Law, Rule, read_law
from world import World, as_event, default_places

# Rules that no statute has today but a pack may bring: business days with pauses and a moving start, an acknowledgement in
# months, a roll over holidays only. One line per rule, in the columns of regimes.csv.
STRANGE_COLUMNS = (
    *("right_type", "start_rule", "response_n", "response_unit", "extension_n", "extension_unit", "extension_notice"),
    *("refusal_extendable", "ack_n", "ack_unit", "pause_identity", "pause_clarification", "roll", "conservative"),
)
STRANGE_RULES = """\
access,receipt,10,business_day,5,business_day,within_initial_period,no,3,business_day,inclusive,inclusive,none,exclusive_pause
erasure,receipt,20,business_day,10,business_day,within_initial_period,yes,5,day,exclusive,exclusive,none,no_pause
objection,receipt,10,day,10,day,within_initial_period,yes,1,month,exclusive,exclusive,holiday,no_pause
rectification,latest_of_receipt_identity_fee,10,business_day,10,business_day,within_initial_period,no,,,none,inclusive,none,exclusive_pause
portability,latest_of_receipt_identity_fee,15,day,15,day,within_initial_period,no,2,day,none,exclusive,sunday_or_holiday,
restriction,receipt,1,month,2,month,within_initial_period,no,,,inclusive,inclusive,weekend_or_holiday,exclusive_pause
appeal,receipt,2,month,,,not_permitted,yes,10,day,exclusive,none,sunday_or_holiday,no_pause
"""
STRANGE_PLACES = {
    "ZZ-S1": Place("STRANGE", "US-CA-JUD", "America/Los_Angeles"),
    "ZZ-S2": Place("STRANGE", "KR", "Asia/Seoul"),
    "ZZ-S3": Place("STRANGE", "GB-SCT", "Europe/London"),
    "ZZ-CA": Place("US_CA_CCPA", "US-CA-JUD", "America/Los_Angeles"),
    "ZZ-OR": Place("US_OR_OCPA", "US-OR", "America/Los_Angeles"),
    "ZZ-FO": Place("US_FOIA", "US-FED", "America/New_York"),
    "ZZ-P3": Place("UK_DPA2018_P3", "GB-NIR", "Europe/London"),
    "ZZ-DE": Place("EU_GDPR", "DE-BE", "Europe/Berlin"),
    "ZZ-NC": Place("EU_GDPR", None, "Europe/Paris"),
    "ZZ-AU": Place("AU_APP_AGENCY", "AU-NSW", "Australia/Sydney"),
    "ZZ-ZA": Place("ZA_PAIA", "ZA", "Africa/Johannesburg"),
    "ZZ-DD": Place("DECLARED", "NONE", "Pacific/Auckland"),
    "ZZ-IN": Place("IN_DPDP", "IN", "Asia/Kolkata"),
    "ZZ-KR": Place("KR_PIPA", "KR", "Asia/Seoul"),
}
SHIPPED_PLACES = ("IE", "FR", "GB-ENG", "US-IA", "US-CO", "CA-QC", "BR", "SG", "JP", "CH-ZH")
LIVELY = ("IE", "FR", "GB-ENG", "ZZ-S1", "ZZ-S2", "ZZ-S3", "ZZ-CA", "ZZ-OR", "ZZ-FO", "ZZ-DE", "ZZ-P3", "ZZ-ZA", "ZZ-DD")
UNKNOWN_PLACE = "AQ"
SCENES = (
    *(("identity_requested", "identity_verified"), ("clarification_requested", "clarification_received")) * 4,
    *(("fee_requested", "fee_paid"), ("extended",), ("extended",)) * 2,
    *(("identity_requested",), ("clarification_requested",), ("fee_requested",), ("acknowledged",), ("received",)),
    *(("extended", "extension_revoked"), ("extended", "extension_revoked", "extended"), ("extension_revoked",)),
    *(("fulfilled",), ("partially_fulfilled", "fulfilled"), ("denied",), ("denied",), ("fulfilled", "reopened")),
    *(("withdrawn",), ("withdrawn", "reopened"), ("excluded",), ("denied", "withdrawn"), ("fulfilled", "excluded")),
    *(("clarification_received",), ("identity_requested", "denied"), ("clarification_requested", "fulfilled"), ("stop_lifted",)),
    ("forwarded_to_controller",),
)
REASONS = {"denied": "exempt", "partially_fulfilled": "third_party_rights", "excluded": "test"}
EXTENDED_FOR = ("complexity", "number_of_requests", None)
LAGS = (timedelta(minutes=5), timedelta(days=14), timedelta(days=14, seconds=1), timedelta(days=20), timedelta(days=90))
HOURS = (time(0, 0), time(0, 30), time(2, 30), time(10, 0), time(12, 0), time(23, 0), time(23, 59, 59))


@dataclass(frozen=True)
class Case:
    """One request: its place and its events, as rows of the log without what does not matter."""

    jurisdiction: str
    events: tuple[dict[str, Any], ...]

    @property
    def rights(self) -> tuple[str, ...]:
        """The rights that are received at some time."""
        return tuple(sorted({e["right_type"] for e in self.events if e["event_type"] == "received"}))

    def land_in(self, world: World, request_id: str) -> None:
        """Let it happen in a world."""
        world.add_request(request_id, self.jurisdiction, self.events)

    def __str__(self) -> str:
        lines = [
            f"    {e['occurred_at']} {e['event_type']} "
            + " ".join(f"{k}={v}" for k, v in e.items() if k not in ("event_type", "occurred_at"))
            for e in sorted(self.events, key=lambda e: (as_event(e).occurred_at, EVENT_TYPES.index(e["event_type"])))
        ]
        return "\n".join([f"  place {self.jurisdiction}", *lines])


def strange_world(folder: Path) -> World:
    """A world with the places and rules above beside the shipped ones."""
    world = World(folder)
    law = (PACKAGED_LAW / "regimes.csv").read_text(encoding="utf-8")
    (folder / "pack" / "regimes.csv").write_text(law + _strange_rules(law.splitlines()[0]), encoding="utf-8")
    for code, place in STRANGE_PLACES.items():
        world.place(code, place.regime_code, place.calendar, place.time_zone)
    return world


def _strange_rules(header: str) -> str:
    lines = []
    for line in csv.reader(STRANGE_RULES.splitlines()):
        row = dict(zip(STRANGE_COLUMNS, line, strict=True)) | {
            "rule_id": f"strange.{line[0]}.2000-01-01",
            "regime_code": "STRANGE",
            "regime_name": "Rules that a pack may bring",
            "jurisdiction": "ZZ",
            "valid_from": "2000-01-01",
            "calendar": "CONTROLLER",
            "citation": "none (no law)",
            "confidence": "high",
        }
        lines.append(",".join(row.get(name, "") for name in header.split(",")))
    return "\n".join(lines) + "\n"


@cache
def strange_law(folder: Path) -> Law:
    """The law of a strange world, as the oracle reads it."""
    shipped = read_law()
    return Law(read_law(folder / "pack", calendars=PACKAGED_LAW / "calendars.csv").rules, shipped.calendars)


def all_places() -> dict[str, Place]:
    """Where random people live; the last one is nowhere in the register."""
    shipped = {code: default_places()[code] for code in SHIPPED_PLACES}
    return shipped | STRANGE_PLACES | {UNKNOWN_PLACE: Place(None, None, "Europe/Dublin")}


def generate(count: int, as_of: datetime, law: Law) -> list[Case]:
    """That many cases around an instant; the same ones each time."""
    cases: list[Case] = []

    @settings(max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(st.randoms(use_true_random=True))
    def collect(dice: Random) -> None:
        cases.append(_case(dice, as_of.date(), law))

    collect()
    return cases


def _case(dice: Random, today: date, law: Law) -> Case:
    code = dice.choice(LIVELY * 3 + tuple(all_places()))
    place = all_places()[code]
    zone = ZoneInfo(place.time_zone)
    overriding = dice.choice(("DECLARED", "UK_GDPR", "STRANGE")) if dice.random() < 0.1 else None
    regime = overriding or place.regime_code
    known = sorted({rule.right_type for rule in law.rules if rule.regime_code == regime and rule.response_n})
    rights = dice.sample(known, min(len(known), dice.choice((1, 1, 1, 2, 3)))) or ["access"]
    if dice.random() < 0.1:
        rights = [dice.choice(("consent_withdrawal", "appeal", "limit_sensitive"))]
    received = _received_day(dice, today)
    near = _days_of_interest(law, regime, rights[0], place, received)
    moments: list[datetime] = []

    def moment(offset: int) -> datetime:
        if not moments or dice.random() > 0.08:
            wall = datetime.combine(received + timedelta(days=offset), dice.choice(HOURS), tzinfo=zone)
            moments.append(wall.astimezone(UTC))
            return moments[-1]
        return dice.choice(moments)

    events: list[dict[str, Any]] = []
    for right in rights:
        row = {"right_type": right, "event_type": "received", "occurred_at": moment(dice.choice((0, 0, 0, 1, 7)))}
        if overriding:
            row["regime_code"] = overriding
        if dice.random() < 0.1:
            row["role"] = "processor"
        events.append(row)
    if any("role" in row for row in events) and dice.random() < 0.8:
        passed_on = moment(dice.choice((1, 5, 6, 7, 7, 8, 9, 14)))
        events.append({"right_type": None, "event_type": "forwarded_to_controller", "occurred_at": passed_on})
    for _ in range(dice.choice((0, 1, 2, 2, 3, 3, 4, 5, 6))):
        offset = dice.choice((dice.randint(0, 12), dice.randint(0, 60), dice.choice(near)))
        for event_type in dice.choice(SCENES):
            right = dice.choice(rights) if event_type == "received" or dice.random() < 0.5 else None
            events.append({"right_type": right, "event_type": event_type, "occurred_at": moment(offset)})
            offset += dice.choice((0, 0, 1, 2, 3, 4, 7, 12, 30))
    claims = dice.random() < 0.15 or regime == "DECLARED"
    for event in events:
        if event["event_type"] in REASONS:
            event["reason_code"] = REASONS[event["event_type"]]
        if event["event_type"] == "extended" and (reason := dice.choice(EXTENDED_FOR)):
            event["reason_code"] = reason
        if event["event_type"] in ANSWERS and dice.random() < 0.5:
            event["recorded_at"] = event["occurred_at"] + dice.choice(LAGS)
        if claims and dice.random() < 0.5:
            event["declared_due_at"] = moment(dice.choice(near))
    return Case(code, tuple(_without_ties(events)))


def _received_day(dice: Random, today: date) -> date:
    day = today - timedelta(days=dice.choice((dice.randint(5, 40), dice.randint(20, 60), dice.randint(0, 150))))
    return day.replace(day=1) - timedelta(days=dice.randint(1, 4)) if dice.random() < 0.3 else day


def _days_of_interest(law: Law, regime: str | None, right: str, place: Place, received: date) -> list[int]:
    """Offsets around the ends of the period and of the extended one, as they would be without pauses."""
    rule = law.rule_for(regime, right, received)
    if rule is None or rule.response_n is None:
        return [0, 5, 30]
    calendar = law.calendars.get((place.calendar or "NONE") if rule.calendar == "CONTROLLER" else rule.calendar)
    ends = [_end(rule, received, n, calendar) for n in (rule.response_n, rule.response_n + (rule.extension_n or 0))]
    return [(end - received).days + shift for end in ends for shift in range(-2, 5)]


def _end(rule: Rule, received: date, n: int, calendar: Calendar | None) -> date:
    assert rule.response_unit is not None
    return roll(add(received, n, rule.response_unit, calendar), rule.roll, calendar)


def _without_ties(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of events of one type and instant the first: the law gives no order between two that could both concern a right."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for event in events:
        tie = (event["event_type"], event["occurred_at"], event["right_type"] if event["event_type"] == "received" else None)
        if tie not in seen:
            seen.add(tie)
            kept.append(event)
    return kept
