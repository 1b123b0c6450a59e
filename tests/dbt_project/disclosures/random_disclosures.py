"""Small worlds about disclosures: a person, what she agreed to and stopped, and what was disclosed of her meanwhile.

Here: worlds and registers as a wilful die throws them, with instants that coincide, and the pack that holds the registers. Not
here: what is right about them (oracles), or whether the product agrees (test_disclosures_agree.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from oracles.disclosures import SUITS, Agreement, Category, Recipient, Registers

MICROSECOND = timedelta(microseconds=1)
# The days on which rows of the registers begin and end, and the midnights of Dublin that begin them.
DAYS = (date(2026, 5, 25), date(2026, 6, 1), date(2026, 6, 10))
MIDNIGHTS = tuple(datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=1) for day in DAYS)
LANDED = (datetime(2026, 5, 31, 22, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC))
AS_OF = (MIDNIGHTS[1] - MICROSECOND, MIDNIGHTS[1], datetime(2026, 6, 15, 9, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
PURPOSES = ("service", "news", "partners", "odd")
VALID_DAYS = {"service": None, "news": 10, "partners": None}
CATEGORIES = ("contact", "usage", "voice", "genes")
RECIPIENTS = tuple(f"r{number}" for number in range(60))
ADEQUATE = ("FR", "GB")
RIGHTS = ("erasure", "objection", "restriction", "opt_out_sale_share", "opt_out_sale_share", "access")
Row = dict[str, Any]


@dataclass
class World:
    """The rows of one person, by log."""

    number: int
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def instants(self) -> list[datetime]:
        """When anything happened so far, and when a consent that it gave would lapse."""
        all_rows = [row for rows in self.rows.values() for row in rows]
        lapses = [
            row["occurred_at"] + timedelta(days=10) for row in self.rows.get("consents", ()) if row["purpose_code"] == "news"
        ]
        return [row["occurred_at"] for row in all_rows] + lapses


def worlds(count: int, seed: int = 11) -> list[World]:
    """As many worlds, each time the same."""
    dice = Random(seed)
    return [_world(dice, number) for number in range(count)]


def rows_of(worlds: list[World], log: str) -> list[Row]:
    """All rows of a log."""
    return [row for world in worlds for row in world.rows[log]]


def _world(dice: Random, number: int) -> World:
    world = World(number)
    person = [f"{number:05d}{letter}" for letter in "ab"]
    world.rows["subject_links"] = [
        _event(dice, f"l{number}", _moment(dice, world)) | {"subject_key": person[0], "other_key": person[1]}
        for _ in range(dice.choice((0, 1)))
    ]
    world.rows["consents"] = []
    for step in range(dice.choice((0, 1, 1, 2, 3))):
        kinds = ("given", "given", "renewed", "refused", "withdrawn", "expired", "invalidated", "shown")
        world.rows["consents"].append(
            _event(dice, f"c{number}-{step}", _moment(dice, world))
            | {"subject_key": dice.choice(person), "purpose_code": dice.choice(PURPOSES[1:3]), "mechanism": "form"}
            | {"event_type": dice.choice(kinds)}
        )
    world.rows["requests"] = []
    for step in range(dice.choice((0, 1, 1, 2))):
        world.rows["requests"] += _request(dice, world, f"q{number}-{step}", dice.choice(person))
    world.rows["collections"] = [
        _event(dice, f"k{number}", _moment(dice, world))
        | {
            "subject_key": dice.choice(person),
            "collection_type": "automatic",
            "purpose_code": "service",
            "data_categories": ["usage"],
        }
        for _ in range(dice.choice((0, 0, 1)))
    ]
    world.rows["disclosures"] = [
        _disclosure(dice, world, f"d{number}-{step}", dice.choice((*person, *person, None))) for step in range(dice.randint(2, 4))
    ]
    return world


def _event(dice: Random, event_id: str, at: datetime) -> Row:
    return {"namespace": "here", "event_id": event_id, "occurred_at": at, "landed_at": dice.choice((LANDED[0], *LANDED[1:] * 4))}


def _moment(dice: Random, world: World) -> datetime:
    """At a midnight, at something that happened, a microsecond beside either, or at any time."""
    near = dice.choice((timedelta(0), timedelta(0), MICROSECOND, -MICROSECOND))
    anyhow = MIDNIGHTS[1] + timedelta(hours=dice.randint(-500, 700), seconds=dice.randint(0, 3599))
    return dice.choice((dice.choice(world.instants() or [anyhow]) + near, dice.choice(MIDNIGHTS) + near, anyhow))


def _request(dice: Random, world: World, request_id: str, subject_key: str) -> list[Row]:
    right = dice.choice(RIGHTS)
    received = MIDNIGHTS[0] - timedelta(hours=dice.randint(1, 300))
    events: list[tuple[str, datetime]] = [("received", received)]
    if dice.random() < 0.9:
        answer = dice.choice(("fulfilled",) * 6 + ("partially_fulfilled",) * 2 + ("denied",))
        events.append((answer, max(received, _moment(dice, world))))
        if dice.random() < 0.3:
            events.append(("stop_lifted", events[-1][1] + dice.choice((timedelta(0), MICROSECOND, timedelta(days=3)))))
    rows = []
    for step, (kind, at) in enumerate(events):
        row = _event(dice, f"{request_id}-{step}", at) | {"request_id": request_id, "event_type": kind}
        row |= {"namespace": "tickets", "role": "controller"}
        if kind == "received":
            row |= {"subject_key": subject_key, "jurisdiction": "IE", "channel": "email"}
            row |= {"purpose_codes": dice.choice((None, None, ["news"], ["service", "partners"], list(PURPOSES)))}
            row |= {"regime_code": "DECLARED", "declared_due_at": dice.choice((None, None, dice.choice(MIDNIGHTS)))}
        row |= {"right_type": right if kind == "received" or dice.random() < 0.5 else None}
        if kind in ("denied", "partially_fulfilled"):
            row |= {"reason_code": "exempt"}
        if kind == "partially_fulfilled":
            row |= {"purpose_codes": dice.choice((None, ["news"], ["service", "partners"]))}
        rows.append(row)
    return rows


def _disclosure(dice: Random, world: World, event_id: str, subject_key: str | None) -> Row:
    occurred = dice.choice((_moment(dice, world), *(at + MICROSECOND for at in world.instants()[-2:])))
    shown_at = (None, occurred, occurred, occurred + MICROSECOND, occurred - MICROSECOND, occurred - timedelta(days=2))
    recipient = dice.choice((*RECIPIENTS, "unheard of"))
    return _event(dice, event_id, occurred) | {
        "namespace": dice.choice(("disclosures", "elsewhere")),
        "subject_key": subject_key,
        "recipient_id": recipient,
        "reason_code": dice.choice((*sorted(SUITS["other_authorised"]), *["consented_or_requested"] * 3)),
        "purpose_code": dice.choice((*PURPOSES, "news", "partners")),
        "data_categories": [dice.choice(CATEGORIES[: dice.randint(1, 4)]) for _ in range(dice.choice((0, 1, 1, 2, 3)))],
        "collected_at": dice.choice((None, occurred - timedelta(days=1))),
        "disclosed_to_subject_at": dice.choice(shown_at),
        "disclosure_exemption": dice.choice((None, None, None, "legal_prohibition", "not_possible", "already_informed")),
        "authority_ref": dice.choice((None, "order 7")),
        "destination_country": dice.choice((None, "IE", "FR", "GB", "US", "US")),
        "consideration": dice.choice(("none", "none", "none", "monetary", "other_valuable", "unknown")),
        "record_count": dice.randint(1, 9),
    }


def registers(seed: int = 12) -> Registers:
    """A pack at random: rows that end as another begins, kinds that change overnight, agreements that overlap or lapse."""
    dice = Random(seed)
    recipients, agreements = [], []
    for recipient_id in RECIPIENTS:
        for since, until in _spans(dice):
            allowed = (_some(dice, PURPOSES), _some(dice, CATEGORIES))
            excused = tuple(code for code in PURPOSES[:3] if dice.random() < 0.25)
            row = Recipient(since, until, recipient_id, dice.choice(sorted(SUITS)), *allowed, excused, "Art. 6(1)(f)")
            recipients.append(row)
        for number in range(dice.choice((0, 1, 1, 2))):
            since, until = dice.choice(_spans(dice) or [(None, None)])
            mechanism = dice.choice((None, "clauses", "binding rules"))
            agreements.append(Agreement(since, until, recipient_id, f"A-{dice.randint(10, 99)}{number}", mechanism))
    categories = (Category(None, DAYS[1], "voice"), Category(DAYS[1], None, "usage"), Category(None, None, "contact"))
    return Registers(
        recipients=tuple(recipients),
        agreements=tuple(agreements),
        categories=categories,
        asking=frozenset(VALID_DAYS),
        declared=frozenset(VALID_DAYS),
        adequate=frozenset(ADEQUATE),
        policy_since=MIDNIGHTS[0],
    )


def _spans(dice: Random) -> list[tuple[date | None, date | None]]:
    """Stretches of days that follow one another; now and then one is missing."""
    cuts = [None, *sorted(dice.sample(DAYS, dice.choice((0, 1, 1, 2)))), None]
    spans = list(pairwise(cuts))
    return [span for span in spans if dice.random() < 0.85]


def _some(dice: Random, codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code for code in codes if dice.random() < 0.75)


def write_pack(folder: Path, pack: Registers) -> Path:
    """The registers as the files of a pack; what is None has no file."""
    folder.mkdir()
    head = f"name: test\nversion: '1'\neffective_from: 2018-01-01\nadequate_countries: [{', '.join(sorted(pack.adequate))}]\n"
    (folder / "pack.yml").write_text(head, encoding="utf-8")
    days = "\n".join(f"{code},yes,{days or ''}" for code, days in VALID_DAYS.items())
    (folder / "purposes.csv").write_text(f"purpose_code,consent_required,consent_valid_days\n{days}\n", encoding="utf-8")
    for name, kind, rows in (
        ("recipients", Recipient, pack.recipients),
        ("agreements", Agreement, pack.agreements),
        ("data_categories", Category, pack.categories),
    ):
        if rows is not None:
            columns = list(kind.__dataclass_fields__)
            lines = [",".join(_cell(getattr(row, column)) for column in columns) for row in rows]
            (folder / f"{name}.csv").write_text("\n".join([",".join(columns), *lines, ""]), encoding="utf-8")
    return folder


def _cell(value: Any) -> str:
    return ";".join(value) if isinstance(value, tuple) else str(value or "")
