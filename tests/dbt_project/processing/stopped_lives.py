"""People who have things stopped and go on living: random worlds of requests, consents, collections and acts of processing.

Here: what the tests of stops and of processing land, drawn so that instants meet more often than not, and the input of the
oracles. Not here: any rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from oracles.consents import DECISIONS
from oracles.occurrence import by_then
from oracles.persons import resolve
from oracles.processing_log import Context, Declared, decisions_of
from oracles.stops import Stop, Wait, stops, waits
from warehouse import Warehouse

WORLDS = 900
TICK = timedelta(microseconds=1)
MIDNIGHT_IN_DUBLIN = datetime(2026, 5, 31, 23, tzinfo=UTC)  # 1 June begins
DAY = timedelta(days=1)
LANDED = (MIDNIGHT_IN_DUBLIN + 4 * DAY, datetime(2026, 9, 1, tzinfo=UTC))
AS_OF = (
    MIDNIGHT_IN_DUBLIN - TICK,
    MIDNIGHT_IN_DUBLIN + 2 * DAY,
    MIDNIGHT_IN_DUBLIN + 5 * DAY + TICK,
    datetime(2026, 8, 1, tzinfo=UTC),
)
PURPOSES = (
    Declared("news", True, 2),
    Declared("ads", False, None, None, date(2026, 6, 1)),
    Declared("ads", True, 5, date(2026, 6, 1)),
    Declared("service", False, None, None, date(2026, 6, 3)),
)
CATEGORIES = (Declared("contact"), Declared("usage", valid_from=date(2026, 6, 1)), Declared("voice", valid_to=date(2026, 6, 1)))
CODES = ("news", "news", "ads", "ads", "service", "unlisted")
RIGHTS = ("erasure", "objection", "objection", "restriction", "opt_out_sale_share", "automated_decision", "access")
BASES = (
    *("consent",) * 4,
    "contract",
    "legal_obligation",
    "vital_interests",
    "public_task",
    "legitimate_interests",
    "other",
    "unknown",
)
ENDINGS = (
    ("fulfilled",) * 10 + ("partially_fulfilled",) * 4 + ("denied", "denied", "excluded", "withdrawn", "reopened", "reopened")
)
Row = dict[str, Any]


@dataclass
class Worlds:
    """The rows of each log, of all worlds together."""

    requests: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    collections: list[Row] = field(default_factory=list)
    processing: list[Row] = field(default_factory=list)
    subject_links: list[Row] = field(default_factory=list)
    policies: list[Row] = field(default_factory=list)

    def land(self, warehouse: Warehouse, dice: Random) -> Warehouse:
        """All of them, in any order."""
        for log, rows in vars(self).items():
            warehouse.deliver(rows, dice, log)
        return warehouse

    def persons(self, as_of: datetime) -> dict[str, str]:
        """Who is who."""
        return {key: row["person_key"] for key, row in resolve(self.subject_links, as_of).items()}

    def stops(self, as_of: datetime) -> list[Stop]:
        """What the oracle finds stopped."""
        return stops(self.requests, self.consents, self.collections, self.persons(as_of), as_of)

    def waits(self, as_of: datetime) -> list[Wait]:
        """What waits for an answer, by the oracle."""
        return waits(self.requests, self.persons(as_of), as_of)

    def context(self, as_of: datetime, purposes: Any = PURPOSES, categories: Any = CATEGORIES) -> Context:
        """What the oracle computes of an act."""
        by_person: dict[str, list[Stop]] = {}
        for stop in self.stops(as_of):
            by_person.setdefault(stop.person_key, []).append(stop)
        waiting: dict[str, list[Wait]] = {}
        for wait in self.waits(as_of):
            waiting.setdefault(wait.person_key, []).append(wait)
        persons = self.persons(as_of)
        acts: dict[str, list[Row]] = {}
        for row in by_then(self.processing, as_of):
            acts.setdefault(persons.get(row["subject_key"], row["subject_key"]), []).append(row)
        decisions = decisions_of(self.consents, persons, as_of)
        return Context(purposes, categories, persons, decisions, by_person, acts, waiting, self.versions(as_of))

    def versions(self, as_of: datetime) -> dict[str, dict[str, datetime]]:
        """When each version of the policy took effect and was superseded."""
        found: dict[str, dict[str, datetime]] = {}
        for row in by_then(self.policies, as_of):
            found.setdefault(row["policy_version"], {})[row["event_type"]] = row["occurred_at"]
        return found


def prepared(folder: Path, purposes: Iterable[Declared] | None = PURPOSES, categories: Any = CATEGORIES) -> Warehouse:
    """Empty logs and a pack of these registers."""
    pack = folder / "pack"
    pack.mkdir(parents=True)
    (pack / "pack.yml").write_text("name: test\nversion: '1'\neffective_from: 2018-01-01\n", encoding="utf-8")
    if purposes is not None:
        rows = [
            f"{it.code},{'yes' if it.consent_required else 'no'},"
            f"{'' if it.consent_valid_days is None else it.consent_valid_days},{it.valid_from or ''},{it.valid_to or ''}"
            for it in purposes
        ]
        text = "\n".join(["purpose_code,consent_required,consent_valid_days,valid_from,valid_to", *rows, ""])
        (pack / "purposes.csv").write_text(text, encoding="utf-8")
    if categories is not None:
        rows = [f"{it.code},{it.valid_from or ''},{it.valid_to or ''}" for it in categories]
        (pack / "data_categories.csv").write_text("\n".join(["data_category,valid_from,valid_to", *rows, ""]), encoding="utf-8")
    return Warehouse(folder).prepare(pack)


@cache
def worlds() -> Worlds:
    """The worlds, each one person's."""
    drawn = Worlds()
    for number, (version, event_type, day) in enumerate(
        (("v1", "effective", -9), ("v1", "superseded", 1), ("v2", "effective", 1))
    ):
        row = {"event_id": f"p{number}", "namespace": "policies", "policy_version": version, "event_type": event_type}
        drawn.policies.append(row | {"occurred_at": MIDNIGHT_IN_DUBLIN + day * DAY, "landed_at": LANDED[0]})
    for number in range(WORLDS):
        _Life(Random(f"stops {number}"), number, drawn).record()
    return drawn


class _Life:
    def __init__(self, dice: Random, number: int, worlds: Worlds) -> None:
        self.dice, self.number, self.worlds = dice, number, worlds
        self.keys = [f"{number:04x}{key}{'0' * 27}" for key in dice.sample("0123456789", dice.choice((1, 2, 2, 3)))]
        days = sorted(dice.randint(-3, 6) for _ in range(5))
        self.instants = [MIDNIGHT_IN_DUBLIN + day * DAY + timedelta(hours=dice.choice((0, 0, 0, 9))) for day in days]
        self.count = 0

    def record(self) -> None:
        dice = self.dice
        for other in self.keys[1:]:
            linked_at = MIDNIGHT_IN_DUBLIN + dice.choice((-9, -9, 3)) * DAY
            self._row("subject_links", linked_at, subject_key=self.keys[0], other_key=other)
        for number in range(dice.choice((0, 1, 1, 2, 2, 3))):
            self._request(f"r{self.number}-{number}")
        for _ in range(dice.choice((0, 1, 2, 3))):
            at, code = self._instant(), dice.choice(CODES)
            for _ in range(dice.choice((1, 1, 2))):
                kind = dice.choice(("given", "given", "renewed", *DECISIONS, "shown"))
                self._row("consents", at, event_type=kind, purpose_code=code, mechanism="form", **self._proof())
        for _ in range(dice.choice((0, 0, 1, 2))):
            self._row("collections", self._instant(), collection_type="automatic", data_categories=[], purpose_code="news")
        for _ in range(dice.randint(3, 9)):
            self._row(
                "processing",
                self._instant(),
                purpose_code=dice.choice(CODES),
                system="crm",
                data_categories=dice.choices(("contact", "usage", "voice", "genes"), k=dice.choice((0, 1, 2, 3))),
                automated_decision=dice.choice((True, True, True, False, False, None)),
                legal_basis=dice.choice(BASES),
            )

    def _request(self, request_id: str) -> None:
        dice = self.dice
        about = {"request_id": request_id, "namespace": dice.choice(("tickets", "elsewhere"))}
        rights = dice.sample(RIGHTS, dice.choice((1, 1, 2)))
        begins, closes = dice.choice(self.instants[:2]), dice.choice(self.instants[1:4])
        for right in rights:
            due = dice.choice((None, None, None, *self.instants[1:4])) or None
            for _ in range(dice.choice((1, 1, 1, 2))):
                codes = dice.choice((None, None, [], ["news"], ["ads", "news", "ads"], ["service"]))
                request = {"right_type": right, "purpose_codes": codes, "role": dice.choice((None,) * 9 + ("processor",))}
                request |= {"regime_code": "DECLARED", "declared_due_at": due}
                at = begins + dice.choice((-2, 0, 0)) * DAY
                self._row("requests", at, event_type="received", jurisdiction="IE", channel="email", **request, **about)
        for kind in dice.choice(((), ("fulfilled",), ("fulfilled",), ("fulfilled",), dice.choices(ENDINGS, k=3))):
            self._later(about, rights, kind, closes if dice.random() < 0.7 else self._instant())
        for _ in range(dice.choice((0, 0, 1, 2))):
            self._later(about, rights, "stop_lifted", self._instant())

    def _later(self, about: Row, rights: list[str], kind: str, at: datetime) -> None:
        reason = {"excluded": "duplicate", "denied": "exempt", "partially_fulfilled": "exempt"}.get(kind)
        right = self.dice.choice((None, *rights))
        codes = self.dice.choice((None, [], ["news"], ["ads", "news"])) if kind == "partially_fulfilled" else None
        request = {"right_type": right, "reason_code": reason, "purpose_codes": codes, "subject_key": None}
        self._row("requests", at, event_type=kind, **request, **about)

    def _proof(self) -> Row:
        return {"policy_version": ("v1", "v2", "v2", None)[self.count % 4], "notice_id": ("n", "n", None)[self.count % 3]}

    def _instant(self) -> datetime:
        return self.dice.choice(self.instants) + self.dice.choice((TICK, TICK, -TICK, *(timedelta(0),) * 3))

    def _row(self, log: str, at: datetime, **columns: Any) -> None:
        self.count += 1
        common = {"event_id": f"{self.number}:{self.dice.randint(0, 9)}{self.count}", "namespace": log, "occurred_at": at}
        common |= {"landed_at": self.dice.choice((LANDED[0], *LANDED[1:] * 5)), "subject_ref_type": "customer_id"}
        getattr(self.worlds, log).append(common | {"subject_key": self.dice.choice(self.keys)} | columns)
