"""Erasures as nobody would invent them: a person, a request or two, and record sets whose lives crowd around its instants.

Here: rows of three logs, drawn close to every boundary (receipt, closing, the end of the grace, the change of the clocks, one
microsecond beside each), and the pack that governs them. Not here: evaluating.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from oracles.erasures import Desk, last_microsecond
from oracles.records import read_policy

TICK = timedelta(microseconds=1)
DUBLIN = ZoneInfo("Europe/Dublin")
# In Cairo 24 April 2026 begins at one o'clock; on the Azores the midnight that begins 25 October strikes twice.
PLACES = {
    "IE": DUBLIN,
    "MX-BCN": ZoneInfo("America/Tijuana"),
    "EG": ZoneInfo("Africa/Cairo"),
    "PT-20": ZoneInfo("Atlantic/Azores"),
}
CLOSED = (date(2026, 3, 24), date(2026, 3, 24), date(2026, 3, 25), date(2026, 9, 24), date(2026, 9, 24), date(2026, 5, 9))
HOURS = (time(0), time(0, 0, 0, 1), time(0, 30), time(11, 59), time(23, 30), time(23, 59, 59, 999999))
LANDED = (datetime(2026, 3, 24, 12, tzinfo=UTC), datetime(2027, 9, 1, tzinfo=UTC))
SCHEDULE = """\
schedule_id,data_category,purpose_code,jurisdiction,min_period,max_period,trigger,legal_basis,citation
MAIL,mail,,,,P1M,created,,
MAIL-NEWS,mail,news,,P30D,P2M,last_activity,,
BILLS,bills,,,P1M,P2M,trigger,,
BILLS-NEWS,bills,news,,,P2M,trigger,,
CALLS,calls,,,P45D,P50D,created,,
"""
TERMS = "contract_ref,data_category,max_period\nCT-1,mail,P10D\n"
KINDS = (
    "system_completed",
    "system_completed",
    "reopened",
    "withdrawn",
    "excluded",
    "partially_fulfilled",
    "denied",
    "fulfilled",
)
ENDS = (("deleted",), ("deleted",), ("anonymised",), ("deleted", "seen"), ("anonymised", "seen"), ("deleted", "last_activity"))
LIVES = (
    *ENDS,
    *ENDS,
    ("deleted", "seen", "deleted"),
    ("seen", "deleted"),
    (),
    (),
    ("hold_placed",),
    ("hold_placed", "hold_released"),
)
EVENTS = (("last_activity", "last_activity"), ("trigger",), ("hold_placed", "hold_released"), ("hold_placed",), (), ())


def write_pack(folder: Path) -> Path:
    """A pack that states how long records are kept, and nothing else."""
    folder.mkdir(parents=True)
    (folder / "pack.yml").write_text("name: Erasures\nversion: '1'\neffective_from: 2018-01-01\n", encoding="utf-8")
    (folder / "retention_schedule.csv").write_text(SCHEDULE, encoding="utf-8")
    (folder / "contract_terms.csv").write_text(TERMS, encoding="utf-8")
    return folder


class World:
    """One person; everybody else is in another world."""

    def __init__(self, dice: Random, number: int, instants: tuple[datetime, ...]) -> None:
        self.dice, self.number = dice, number
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.keys = [f"{number:04d}{key:028x}" for key in dice.sample(range(4096), dice.choice((1, 2, 3)))]
        self.near = [*instants, LANDED[0] + timedelta(minutes=5), LANDED[0] + timedelta(minutes=5, microseconds=1)]
        self.ends: list[datetime] = []
        for one in range(dice.choice((1, 1, 2))):
            self._request(f"q{number}-{one}")
        for one in range(dice.choice((0, 1, 1, 2, 3, 4))):
            self._record(f"r{number}-{one}")
        for _ in range(dice.choice((0, 0, 1, 2))):
            about = {"subject_key": dice.choice(self.keys), "namespace": "collections", "collection_type": "automatic"}
            self._add_event("collections", self._moment(), **about, data_categories=[], purpose_code="news")
        for one, other in zip(self.keys, self.keys[1:], strict=False):
            when = self.near[0] if dice.random() < 0.1 else datetime(2025, 1, 1, tzinfo=UTC)
            if dice.random() < 0.8:
                self._add_event("subject_links", when, subject_key=one, other_key=other, namespace="subject_links")

    def _add_event(self, log: str, occurred_at: datetime, **what: Any) -> None:
        landed = LANDED[0] if self.dice.random() < 0.03 else LANDED[1]
        number = len(self.rows[log])
        event_id = f"{log[0]}{self.number}:{self.dice.randint(0, 99):02d}:{number}"
        source = {"requests": "helpdesk"}.get(log, log)
        self.rows[log].append({"event_id": event_id, "occurred_at": occurred_at, "landed_at": landed, "source": source} | what)

    def _moment(self, *, after: datetime | None = None) -> datetime:
        """Mostly one of the instants that matter, or a microsecond beside it."""
        drawn = self.dice.random()
        if drawn < 0.2:
            found = self.dice.choice(self.ends) + self.dice.choice((TICK, 0 * TICK))
        elif drawn < 0.65:
            found = self.dice.choice(self.near[-6:] if drawn < 0.5 else self.near) + self.dice.choice((TICK, -TICK, 0 * TICK))
        else:
            found = self.dice.choice(self.near) + timedelta(hours=self.dice.randint(-2000, 900), minutes=self.dice.randint(0, 59))
        return (
            found if after is None or found > after or drawn < 0.03 else after + timedelta(days=self.dice.choice((0, 1, 20, 40)))
        )

    def _request(self, request_id: str) -> None:
        dice, place = self.dice, self.dice.choice(tuple(PLACES))
        zone = PLACES[place]
        closed = datetime.combine(dice.choice(CLOSED), dice.choice(HOURS), tzinfo=zone).astimezone(UTC)
        end = last_microsecond(closed.astimezone(zone).date() + timedelta(days=30), zone)
        received = closed - timedelta(days=dice.choice((0, 1, 20, 28, 30, 45)), hours=dice.choice((0, 1)))
        self.ends.append(end)
        self.near += [received, closed, end, end + TICK]
        case = {"request_id": request_id, "namespace": dice.choice(("tickets", "letters"))}
        arrival = case | {
            "event_type": "received",
            "subject_key": dice.choice(self.keys),
            "jurisdiction": place,
            "channel": "email",
        }
        role = "processor" if dice.random() < 0.03 else None
        self._add_event("requests", received, **arrival, right_type="erasure", role=role)
        if dice.random() < 0.3:
            self._add_event("requests", dice.choice((received, received + TICK, closed)), **arrival, right_type="access")
        for _ in range(2 if dice.random() < 0.1 else 1):
            self._add_event(
                "requests", closed, **case, event_type="fulfilled", right_type=dice.choice(("erasure", "erasure", None))
            )
        if dice.random() < 0.1:
            self._add_event("requests", end - timedelta(days=3), **case, event_type="reopened")
            self._add_event("requests", end + timedelta(days=9), **case, event_type="fulfilled")
            self.near.append(last_microsecond((end + timedelta(days=9)).astimezone(zone).date() + timedelta(days=30), zone))
        completions = [("system_completed", system) for system in ("crm", "voice", "bills") if dice.random() < 0.85]
        completions += [(dice.choice(KINDS), "crm") for _ in range(dice.choice((0, 0, 0, 1)))]
        for event_type, system in completions:
            when = dice.choice((closed, received, self._moment(), closed - timedelta(hours=1), closed - timedelta(hours=1)))
            right = dice.choice(("erasure", "erasure", None, None, "access"))
            reason = "other" if event_type in ("excluded", "denied", "partially_fulfilled") else None
            named = {"system": system if event_type == "system_completed" else None, "reason_code": reason}
            self._add_event("requests", when, **case, event_type=event_type, right_type=right, **named)

    def _record(self, record_id: str) -> None:
        dice = self.dice
        record = {"record_id": record_id, "namespace": dice.choice(("crm", "voice"))}
        soon = self._moment(after=self.near[-4]) if dice.random() < 0.2 else None
        created = soon or self._moment() - timedelta(days=dice.choice((0, 0, 20, 40, 60, 60, 100)))
        what = {
            "subject_key": dice.choice((*self.keys * 6, None)),
            "system": dice.choice(("crm", "voice", "bills")),
            "data_category": dice.choice(("mail", "mail", "bills", "calls", "notes")),
            "purpose_code": dice.choice(("news", "other")),
            "contract_ref": dice.choice((None, None, "CT-1")),
            "record_count": dice.randint(1, 9),
        }
        for again in range(2 if dice.random() < 0.05 else 1):
            self._add_event("retention", created + again * timedelta(days=3), **record, event_type="created", **what)
        for events in (dice.choice(EVENTS), dice.choice(EVENTS), dice.choice(LIVES)):
            when = created
            for event_type in events:
                when = self._moment(after=when)
                if event_type in ("seen", "hold_released") and dice.random() < 0.25:
                    when = dice.choice(self.ends) + dice.choice((TICK, 0 * TICK))
                detail = {"hold_ref": dice.choice(("H1", "H1", "H2"))} if event_type.startswith("hold_") else {}
                if event_type in ("deleted", "anonymised"):
                    detail = {"record_count": dice.choice((None, None, 2, 9))}
                self._add_event("retention", when, **record, event_type=event_type, **detail)


def rows_of(count: int, instants: tuple[datetime, ...], seed: int) -> dict[str, list[dict[str, Any]]]:
    """The rows of that many worlds, by log."""
    dice = Random(seed)
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number in range(count):
        for log, completions in World(dice, number, instants).rows.items():
            rows[log] += completions
    return rows


def desk(rows: dict[str, list[dict[str, Any]]], pack: Path) -> Desk:
    """The same rows as the inspector finds them."""
    files: dict[str, dict[tuple[str, str], list[dict[str, Any]]]] = {
        "request_id": defaultdict(list),
        "record_id": defaultdict(list),
    }
    for log, name in (("requests", "request_id"), ("retention", "record_id")):
        for row in rows[log]:
            files[name][row["namespace"], row[name]].append(row)
    return Desk(
        files["request_id"],
        files["record_id"],
        rows["subject_links"],
        read_policy(pack),
        DUBLIN,
        PLACES,
        collections=rows["collections"],
    )
