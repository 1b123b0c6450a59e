"""People who agree and change their minds: a small pack of purposes, histories in a few words, and random worlds of them.

Here: what tests of consent land and what the oracle is given. Not here: any rule; what follows from a history is asked of
the models and of oracles/consents.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from oracles.consents import DECISIONS, ConsentEvent, Knowledge, PolicyEvent, Purpose, knowledge
from warehouse import Warehouse

ZONE = "Europe/Dublin"
MARTS = ("+fct_consents", "+fct_withdrawal_systems")
SYSTEMS = ("ads", "crm", "mail", "stranger")
PURPOSES = """\
purpose_code,name,consent_required,consent_valid_days,withdrawal_hours,systems,valid_from,valid_to
lasting,No limit and the usual hours,yes,,,crm,,
brief,Two days and one day,yes,2,24,crm;mail,,
bare,No system has to stop,yes,1,,,,
fleeting,Lapses as soon as it is given,yes,0,0,crm;crm,,
changing,Until the clocks have changed,yes,3,48,crm,,2026-03-30
changing,From then on,yes,1,12,crm;mail;ads,2026-03-30,
future,Not yet promised,yes,1,24,crm,2026-04-01,
"""
PACK = {
    "pack.yml": "name: Consents\nversion: '1'\neffective_from: 2018-05-25\n",
    "purposes.csv": PURPOSES,
    "systems.csv": "system,name\ncrm,CRM\nmail,Mail\nads,Ads\n",
}
CODES = ("lasting", "brief", "bare", "fleeting", "changing", "changing", "future", "unlisted")
FIRST_DAY = datetime(2026, 3, 26, tzinfo=UTC)
# 23:00 UTC is midnight in Dublin once the clocks have been put forward on the 29th.
HOURS = (0, 12, 12, 23)
KINDS = (*("given",) * 6, *("withdrawn",) * 5, *("withdrawal_applied",) * 7, *DECISIONS, "shown")


def register() -> list[Purpose]:
    """The purposes of the pack, as the oracle reads them."""

    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    return [
        Purpose(
            row["purpose_code"],
            int(row["consent_valid_days"]) if row["consent_valid_days"] else None,
            int(row["withdrawal_hours"]) if row["withdrawal_hours"] else None,
            tuple(row["systems"].split(";")) if row["systems"] else (),
            day(row["valid_from"]),
            day(row["valid_to"]),
        )
        for row in csv.DictReader(io.StringIO(PURPOSES))
    ]


def prepared(folder: Path) -> Warehouse:
    """Empty logs and the pack above."""
    (folder / "pack").mkdir(parents=True)
    for name, text in PACK.items():
        (folder / "pack" / name).write_text(text, encoding="utf-8")
    return Warehouse(folder, ZONE).prepare(folder / "pack")


@dataclass
class Person:
    """One person and purpose; each event type is a method: `.given("2026-03-26T12:00:00Z")`."""

    subject_key: str
    purpose_code: str = "brief"
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __getattr__(self, event_type: str) -> Any:
        if event_type.startswith("_"):
            raise AttributeError(event_type)

        def happened(occurred_at: str, **columns: Any) -> Person:
            row = {
                "event_id": f"{self.subject_key}:{len(self.rows)}",
                "subject_key": self.subject_key,
                "purpose_code": self.purpose_code,
                "event_type": event_type,
                "occurred_at": occurred_at,
                "mechanism": "form",
            }
            self.rows.append(row | columns)
            return self

        return happened


@dataclass(frozen=True)
class World:
    """What happened to one person: rows of the consents and of the policies log."""

    number: int
    consents: tuple[ConsentEvent, ...]
    policies: tuple[PolicyEvent, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, (*self.policies, *sorted(self.consents, key=lambda it: it.occurred_at))))


def worlds(count: int, seed: int) -> list[World]:
    """Random worlds, each with a person and policy versions of its own; instants meet more often than not."""
    dice = Random(seed)
    return [_world(dice, number) for number in range(count)]


def _instant(dice: Random) -> datetime:
    near = timedelta(microseconds=dice.choice((0, 0, 0, 0, -1, 1)))
    return FIRST_DAY + timedelta(days=dice.randint(0, 8), hours=dice.choice(HOURS)) + near


def _world(dice: Random, number: int) -> World:
    versions = [f"{number}-v{n}" for n in (1, 2)]
    policies = [
        PolicyEvent(dice.choice(versions), dice.choice(("published", "effective", "effective", "superseded")), _instant(dice))
        for _ in range(dice.randint(0, 4))
    ]
    codes = dice.sample(CODES, dice.choice((1, 1, 1, 2)))
    instants = [_instant(dice) for _ in range(dice.randint(1, 7))]
    events = []
    # A namespace may use the id of another one, never its own twice.
    ids = dice.sample([(space, f"{number}-{n}") for space in ("consents", "kiosk") for n in range(8)], dice.randint(1, 14))
    for namespace, event_id in ids:
        kind = dice.choice(KINDS)
        events.append(
            ConsentEvent(
                namespace,
                event_id,
                dice.choice(instants) + timedelta(hours=dice.choice((0, 0, 0, 24, 48))),
                f"subject-{number}",
                dice.choice(codes),
                kind,
                dice.choice(("form", "banner")),
                dice.choice((*versions, versions[0], None)),
                dice.choice(("notice", "notice", None)),
                dice.choice(("IE", None)),
                dice.choice(SYSTEMS) if kind == "withdrawal_applied" else None,
            )
        )
    return World(number, tuple(events), tuple(policies))


def consent_rows(all_worlds: Iterable[World]) -> Iterator[dict[str, Any]]:
    """The worlds as rows of the consents log."""
    for world in all_worlds:
        for event in world.consents:
            yield vars(event) | {"occurred_at": event.occurred_at.isoformat()}


def policy_rows(all_worlds: Iterable[World]) -> Iterator[dict[str, Any]]:
    """The worlds as rows of the policies log."""
    for world in all_worlds:
        for number, event in enumerate(world.policies):
            yield vars(event) | {
                "event_id": f"{world.number}-{number}",
                "occurred_at": event.occurred_at.isoformat(),
                "material": False if event.event_type == "published" else None,
            }


def knowledge_at(all_worlds: Iterable[World], as_of: datetime) -> Knowledge:
    """The input of the oracle for some worlds."""
    all_worlds = list(all_worlds)
    return knowledge(
        (event for world in all_worlds for event in world.consents),
        (event for world in all_worlds for event in world.policies),
        register(),
        as_of,
        ZONE,
    )
