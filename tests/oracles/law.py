"""The rows of the law, as the oracle reads them.

Here: finding the files, and picking the rule in force on a day. Not here: what a rule means (deadlines.py).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from oracles.calendars import Calendar, read_calendars

_ROOT = Path(__file__).parents[2]
PUBLIC_LAW = _ROOT.parent / "shared" / "law"
PACKAGED_LAW = _ROOT / "promisekept" / "policy" / "default_pack"


@dataclass(frozen=True)
class Rule:
    """One row of regimes.csv; numbers are numbers, an empty cell is None."""

    rule_id: str
    regime_code: str
    right_type: str
    valid_from: date
    valid_to: date | None
    start_rule: str
    response_n: int | None
    response_unit: str | None
    extension_n: int | None
    extension_unit: str | None
    extension_notice: str
    refusal_extendable: str
    ack_n: int | None
    ack_unit: str | None
    pause_identity: str
    pause_clarification: str
    roll: str
    calendar: str
    conservative: str
    confidence: str

    @property
    def needs_calendar(self) -> bool:
        """Whether the rule rolls or counts business days."""
        return self.roll != "none" or "business_day" in (self.response_unit, self.ack_unit)


@dataclass(frozen=True)
class Law:
    """All rules and all calendars."""

    rules: tuple[Rule, ...]
    calendars: dict[str, Calendar]

    def rule_for(self, regime_code: str | None, right_type: str, received: date) -> Rule | None:
        """The rule of that regime and right in force on the day of receipt, if there is one."""
        for rule in self.rules:
            if (rule.regime_code, rule.right_type) != (regime_code, right_type):
                continue
            if rule.valid_from <= received and (rule.valid_to is None or received < rule.valid_to):
                return rule
        return None


@cache
def read_law(folder: Path = PACKAGED_LAW, calendars: Path = PACKAGED_LAW / "calendars.csv") -> Law:
    """The law in a folder, by default the product's own copy."""
    with (folder / "regimes.csv").open(encoding="utf-8", newline="") as lines:
        rules = tuple(_rule(row) for row in csv.DictReader(lines))
    return Law(rules, read_calendars(calendars))


def _rule(row: dict[str, str]) -> Rule:
    def number(name: str) -> int | None:
        return int(row[name]) if row[name] else None

    return Rule(
        rule_id=row["rule_id"],
        regime_code=row["regime_code"],
        right_type=row["right_type"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        start_rule=row["start_rule"],
        response_n=number("response_n"),
        response_unit=row["response_unit"] or None,
        extension_n=number("extension_n"),
        extension_unit=row["extension_unit"] or None,
        extension_notice=row["extension_notice"],
        refusal_extendable=row["refusal_extendable"],
        ack_n=number("ack_n"),
        ack_unit=row["ack_unit"] or None,
        pause_identity=row["pause_identity"],
        pause_clarification=row["pause_clarification"],
        roll=row["roll"],
        calendar=row["calendar"],
        conservative=row["conservative"],
        confidence=row["confidence"],
    )
