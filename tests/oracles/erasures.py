"""Independent engine for a request for erasure that was reported as fulfilled.

Here: the instant of assessment, the record sets of the person, the state of each, and the systems that had to confirm. Not here:
the life of a record set (records.py), who is one person (persons.py), which version of an event counts. Nothing is shared with
the product's SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oracles.occurrence import by_then
from oracles.persons import resolve
from oracles.records import Event, Policy, Verdict
from oracles.records import evaluate as evaluate_record

# As far as a request for erasure is concerned, in the order of the contract's list.
ORDER = ("received", "system_completed", "fulfilled", "partially_fulfilled", "denied", "withdrawn", "excluded", "reopened")
ANSWERS = ("fulfilled", "partially_fulfilled", "denied")
MICROSECOND = timedelta(microseconds=1)
Row = dict[str, Any]
Key = tuple[str, str]


@dataclass(frozen=True)
class Desk:
    """Everything that lies on it: rows of three logs, the pack's words on records, zones, and the days of grace."""

    requests: Mapping[Key, list[Row]]
    records: Mapping[Key, list[Row]]
    links: list[Row]
    policy: Policy
    zone: ZoneInfo
    zones: Mapping[str, ZoneInfo]
    grace_days: int = 30
    collections: list[Row] = field(default_factory=list)

    def evaluate(self, as_of: datetime) -> dict[Key, Row]:
        """The row of every erasure that was fulfilled by then, by namespace and request_id."""
        persons = {key: found["person_key"] for key, found in resolve(self.links, as_of).items()}
        lives = {key: _life(rows, as_of) for key, rows in self.records.items()}
        belongings: dict[str, list[Key]] = {}
        for key, events in lives.items():
            first = evaluate_record(events, self.policy, self.zone, as_of)
            if first is not None and first.subject_key is not None:
                belongings.setdefault(persons.get(first.subject_key, first.subject_key), []).append(key)
        verdicts = {}
        for key, rows in self.requests.items():
            closing = _closing(by_then(rows, as_of))
            if closing is None:
                continue
            received, closed = closing
            person = persons.get(received["subject_key"], received["subject_key"])
            mine = {one: lives[one] for one in belongings.get(person, [])}
            again = [
                row["occurred_at"]
                for row in by_then(self.collections, as_of)
                if persons.get(row["subject_key"], row["subject_key"]) == person and row["occurred_at"] > closed["occurred_at"]
            ]
            recreated = self._recreated(mine, closed["occurred_at"], min(again, default=None), as_of)
            verdicts[key] = self._verdict(by_then(rows, as_of), received, closed, mine, recreated, as_of)
        return verdicts

    def _recreated(
        self, lives: dict[Key, list[Event]], closed_at: datetime, collected_at: datetime | None, as_of: datetime
    ) -> list[str]:
        """What came into being after the closing, from nothing: not what has to be kept, nor what was collected by that day."""
        found = []
        for key, events in lives.items():
            life = evaluate_record(events, self.policy, self.zone, as_of)
            if life is None or life.created_at <= closed_at or self._has_minimum(life):
                continue
            day = life.created_at.astimezone(self.zone).date()
            if collected_at is None or collected_at.astimezone(self.zone).date() > day:
                found.append("/".join(key))
        return sorted(found)

    def _has_minimum(self, verdict: Verdict) -> bool:
        return any(row["schedule_id"] == verdict.schedule_id and row["min_period"] for row in self.policy.schedule)

    def _verdict(
        self, rows: list[Row], received: Row, closed: Row, lives: dict[Key, list[Event]], recreated: list[str], as_of: datetime
    ) -> Row:
        zone = self.zones[received["jurisdiction"]]
        closed_date = closed["occurred_at"].astimezone(zone).date()
        last_day = closed_date + timedelta(days=self.grace_days)
        end = last_microsecond(last_day, zone)
        judged_at = min(as_of, end)
        sets: dict[Key, str] = {}
        counts: dict[Key, int] = {}
        expected: set[str] = set()
        for key, events in lives.items():
            now = evaluate_record(events, self.policy, self.zone, judged_at)
            if now is None or now.created_at >= closed["occurred_at"]:
                continue
            sets[key] = self._fate(now, judged_at)
            counts[key] = now.records_left if now.is_alive else now.record_count or 0
            by_now = evaluate_record(events, self.policy, self.zone, as_of)
            if sets[key] == "gone" and by_now is not None and by_now.reappeared_at is not None:
                sets[key] = "back"
            at_receipt = evaluate_record(events, self.policy, self.zone, received["occurred_at"])
            if at_receipt is not None and self._fate(at_receipt, received["occurred_at"]) in ("alive", "back"):
                expected.add(str(at_receipt.system))
        heard = {
            row["system"]
            for row in rows
            if row["event_type"] == "system_completed" and _concerns(row, received) and row["occurred_at"] <= judged_at
        }
        missed = {key for key, fate in sets.items() if fate in ("alive", "back")}
        if as_of <= end:
            status = "pending"
        elif recreated:
            status = "incomplete"
        elif not sets:
            status = "no_records_found"
        else:
            status = "incomplete" if missed or expected - heard else "complete"
        return {
            "request_key": f"{received['namespace']}/{received['request_id']}/erasure",
            "subject_key": received["subject_key"],
            "received_at": received["occurred_at"],
            "closed_at": closed["occurred_at"],
            "closed_date": closed_date,
            "judged_at": judged_at,
            "grace_ends_date": last_day,
            "status": status,
            "record_sets": len(sets),
            "erased_sets": list(sets.values()).count("gone"),
            "excused_sets": list(sets.values()).count("kept"),
            "missed_records": len(missed),
            "missed_record_count": sum(counts[key] for key in missed),
            "missed": sorted("/".join(key) for key in missed),
            "reappeared_sets": list(sets.values()).count("back"),
            "recreated": recreated,
            "expected_systems": sorted(expected),
            "confirmed_systems": sorted(expected & heard),
            "unconfirmed_systems": sorted(expected - heard),
            "event_id": closed["event_id"],
            "source": closed["source"],
        }

    def _fate(self, verdict: Verdict, now: datetime) -> str:
        """Back, gone, kept for a reason, or alive without one."""
        if verdict.reappeared_at is not None:
            return "back"
        if not verdict.is_alive:
            return "gone"
        if verdict.on_hold or (verdict.keep_until is not None and now.astimezone(self.zone).date() < verdict.keep_until):
            return "kept"
        return "kept" if self._has_minimum(verdict) and verdict.trigger_at is None else "alive"


def last_microsecond(day: date, zone: ZoneInfo) -> datetime:
    """The end of a local day: a microsecond before the next one first begins."""
    midnight = datetime.combine(day + timedelta(days=1), time(0), tzinfo=zone)
    return midnight.astimezone(UTC) - MICROSECOND


def _life(rows: list[Row], as_of: datetime) -> list[Event]:
    names = [field.name for field in fields(Event)]
    return [Event(**{name: row.get(name) for name in names}) for row in by_then(rows, as_of)]


def _concerns(row: Row, received: Row) -> bool:
    """Whether an event is about the erasure: by its name, or as one of the rights that had been received by then."""
    return row.get("right_type") == "erasure" or (row.get("right_type") is None and row["occurred_at"] >= received["occurred_at"])


def _closing(rows: list[Row]) -> tuple[Row, Row] | None:
    """The receipt of the erasure and the event that fulfilled it; None where that did not happen or does not count."""
    arrivals = [row for row in rows if row["event_type"] == "received" and row["right_type"] == "erasure"]
    if not arrivals:
        return None
    received = min(arrivals, key=lambda row: (row["occurred_at"], row["event_id"]))
    if received.get("role") == "processor":
        return None
    request_events = sorted(
        (row for row in rows if row["event_type"] != "received" and _concerns(row, received)),
        key=lambda row: (
            row["occurred_at"],
            ORDER.index(row["event_type"]),
            row.get("right_type") is None,
            row["event_id"],
        ),
    )
    closed = None
    for row in request_events:
        if row["event_type"] == "reopened":
            closed = None
        elif row["event_type"] in ANSWERS:
            closed = closed or row
    after = [row["event_type"] for row in request_events]
    since = len(after) - after[::-1].index("reopened") if "reopened" in after else 0
    if closed is None or closed["event_type"] != "fulfilled" or "excluded" in after[since:]:
        return None
    withdrawn = "withdrawn" in after[since:] and since + after[since:].index("withdrawn") < request_events.index(closed)
    return None if withdrawn else (received, closed)
