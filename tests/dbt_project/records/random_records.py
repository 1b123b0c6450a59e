"""Record sets as nobody would invent them: the generator behind the property tests.

Here: lives drawn so that they come close to every boundary (the last day of a period, the day of a release, midnight, the
change of the clocks, one and the same microsecond). Not here: evaluating a life.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from oracles.records import ENDS, Event, Policy, evaluate
from record_lives import ZONE

CATEGORIES = ("mail", "mail", "mail", "bills", "bills", "calls", "calls", "odd", "notes")
PLACES = (None, "IE", "US", "US-CA", "US-NY", "FR", "GB-ENG")
CONTRACTS = (None, None, None, "CT-1", "CT-2", "CT-3", "CT-9")
HOURS = (time(0, 0), time(0, 0, 0, 1), time(0, 30), time(12, 0), time(23, 30), time(23, 59, 59, 999999))
TICK = timedelta(microseconds=1)
SCENES = (
    *(("last_activity",), ("trigger",), ("trigger",), ("last_activity", "last_activity"), ("trigger", "trigger"), ("seen",)),
    *(("hold_placed", "hold_released"), ("hold_placed", "hold_placed", "hold_released", "hold_released", "hold_released")) * 4,
    *(("last_activity",) * 4, ("hold_placed", *("last_activity",) * 5), ("hold_placed", "hold_placed", "hold_placed")) * 2,
    *(("hold_placed",), ("hold_placed", "hold_placed", "hold_released"), ("hold_released",), ("created",)),
    *(("deleted",), ("deleted",), ("deleted",), ("anonymised",), ("hold_placed", "deleted"), ("trigger", "deleted")),
    *(("hold_placed", "deleted", "hold_released"), ("hold_placed", "hold_released", "anonymised")),
    *(("deleted", "seen"), ("anonymised", "seen"), ("deleted", "last_activity"), ("anonymised", "last_activity")),
    *(("deleted", "deleted"), ("deleted", "seen", "deleted"), ("hold_placed", "deleted", "hold_released", "anonymised")),
    *(("deleted", "last_activity", "deleted"), ("deleted", "trigger", "anonymised"), ("deleted", "deleted", "seen")),
    *(("anonymised", "deleted", "seen"), ("deleted", "anonymised", "seen"), ("seen", "deleted")),
)
STEPS = (0, 0, 0, 1, 1, 2, 5, 9, 10, 20, 30)
DAILY = (1, 1, 1, 1, 1, 0, 9)


def lives(dice: Random, count: int, as_of: datetime, policy: Policy, prefix: str) -> Iterator[tuple[str, tuple[Event, ...]]]:
    """That many lives around an instant, by record_id."""
    for number in range(count):
        record_id = f"{prefix}-{number}"
        yield record_id, tuple(_Life(dice, as_of, policy, record_id).events())


class _Life:
    def __init__(self, dice: Random, as_of: datetime, policy: Policy, record_id: str) -> None:
        self.dice, self.as_of, self.policy, self.record_id = dice, as_of, policy, record_id
        self.as_text: list[Event] = []
        self.first = self._first_day()
        self.near: tuple[date, ...] = (self.first,)

    def events(self) -> list[Event]:
        """A creation, as a rule, and a few scenes; what comes later is drawn around the dates that follow so far."""
        if self.dice.random() > 0.03:
            self._add_event("created", self.first)
        for _ in range(self.dice.choice((0, 1, 1, 2, 2, 3, 3, 4, 5))):
            self._look()
            day = self._day()
            for event_type in self.dice.choice(SCENES):
                self._add_event(event_type, day)
                day += timedelta(days=self.dice.choice(DAILY if event_type == "last_activity" else STEPS))
        return self.as_text

    def _first_day(self) -> date:
        day = self.as_of.astimezone(ZONE).date() - timedelta(
            days=self.dice.choice((self.dice.randint(0, 75), self.dice.randint(0, 40), 30, 31))
        )
        return day.replace(day=1) - timedelta(days=1) if self.dice.random() < 0.25 else day

    def _look(self) -> None:
        """Remember the dates that matter in this life as it stands."""
        verdict = evaluate(self.as_text, self.policy, ZONE, datetime(2099, 1, 1, tzinfo=UTC))
        if verdict is None:
            return
        dates = (verdict.keep_until, verdict.delete_by, verdict.unheld_delete_by, verdict.trigger_date, verdict.deleted_date)
        self.near = tuple(day for day in dates if day is not None) or (self.first,)

    def _day(self) -> date:
        shift = timedelta(days=self.dice.choice((-2, -1, 0, 0, 1, 2)))
        anywhere = self.first + timedelta(days=self.dice.randint(-1, 70))
        return self.dice.choice((self.dice.choice(self.near) + shift, anywhere))

    def _add_event(self, event_type: str, day: date) -> None:
        number = len(self.as_text)
        instant = self._instant(day)
        what: dict[str, object] = {}
        if event_type == "created":
            what = {
                "subject_key": self.dice.choice((None, f"{self.dice.randint(0, 40):032d}")),
                "system": self.dice.choice(("crm", "voice")),
                "data_category": self.dice.choice(CATEGORIES),
                "purpose_code": self.dice.choice(("news", "other")),
                "jurisdiction": self.dice.choice(PLACES),
                "contract_ref": self.dice.choice(CONTRACTS),
                "record_count": self.dice.randint(1, 9),
            }
        elif event_type.startswith("hold_"):
            what = {"hold_ref": self.dice.choice(("H1", "H1", "H2", "H3"))}
        elif event_type in ENDS:
            what = {"record_count": self.dice.choice((None, None, 1, 2, 5, 9))}
        # Identifiers in no order, so that two creations of one instant differ by them alone.
        event_id = f"{self.record_id}:{self.dice.randint(0, 999):03d}:{number}"
        self.as_text.append(Event(event_id, event_type, instant, **what))  # type: ignore[arg-type]

    def _instant(self, day: date) -> datetime:
        drawn = self.dice.random()
        if self.as_text and drawn < 0.15:
            return self.dice.choice(self.as_text).occurred_at
        if self.as_text and drawn < 0.2:
            return self.dice.choice(self.as_text).occurred_at + self.dice.choice((TICK, -TICK))
        if drawn < 0.23:
            return self.as_of + self.dice.choice((TICK, timedelta(0), -TICK))
        return datetime.combine(day, self.dice.choice(HOURS), tzinfo=ZONE).astimezone(UTC)
