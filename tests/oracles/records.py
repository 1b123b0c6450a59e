"""Independent engine for one record set: a value for every column that the retention rules define.

Here: the events of a record set read one after the other, the row of the schedule that governs it, and the days counted one
by one. Not here: adding months to a date (clock.py). Nothing is shared with the product's SQL.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from oracles.clock import DAY, add

# Of events of one instant the one that stands first here happened first.
EVENT_TYPES = ("created", "last_activity", "trigger", "hold_placed", "hold_released", "deleted", "anonymised", "seen")
ENDS = ("deleted", "anonymised")
_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$")


@dataclass(frozen=True)
class Event:
    """One row of the retention log, as far as anybody looks at it."""

    event_id: str
    event_type: str
    occurred_at: datetime
    hold_ref: str | None = None
    subject_key: str | None = None
    system: str | None = None
    data_category: str | None = None
    purpose_code: str | None = None
    jurisdiction: str | None = None
    contract_ref: str | None = None
    record_count: int | None = None
    """Of a creation how many there are, of a deletion how many it removed (none = all)."""


@dataclass(frozen=True)
class Policy:
    """The pack's rules for records: two registers, row by row as they are written, and pack.yml."""

    schedule: tuple[dict[str, str], ...]
    terms: tuple[dict[str, str], ...]
    hold_review: str = "P1Y"
    activity_run_days: int = 60


@dataclass(frozen=True)
class Verdict:
    """Everything that is published about one record set."""

    subject_key: str | None
    system: str | None
    data_category: str | None
    purpose_code: str | None
    jurisdiction: str | None
    contract_ref: str | None
    record_count: int | None
    created_at: datetime
    created_date: date
    schedule_id: str | None
    trigger: str | None
    trigger_at: datetime | None
    trigger_date: date | None
    keep_until: date | None
    delete_by: date | None
    unheld_delete_by: date | None
    has_contract_term: bool
    lacks_contract_terms: bool
    held_days: int
    on_hold: bool
    hold_refs: list[str]
    deleted_at: datetime | None
    deleted_date: date | None
    deletion_event_type: str | None
    reappeared_at: datetime | None
    status: str
    over_days: int | None
    is_alive: bool
    has_minimum: bool
    had_hold: bool
    scanned_after_deletion: bool | None
    records_left: int
    deleted_record_count: int | None
    partial_deletions: list[dict[str, Any]]
    trigger_due_by: date | None
    trigger_overdue: bool
    holds_not_reviewed: list[str]
    hold_unreviewed_since: datetime | None
    held_when_overdue: bool
    activity_automatic_at: datetime | None
    activity_looks_automatic: bool
    event_id: str

    def as_dict(self) -> dict[str, Any]:
        """The verdict by column name."""
        return asdict(self)


@dataclass(frozen=True)
class _Hold:
    """One hold, from its placing to its release or to no end yet."""

    ref: str
    placed_at: datetime
    released_at: datetime | None
    last_placed_at: datetime

    def is_open_on(self, day: date, zone: ZoneInfo) -> bool:
        """Placed on or before that day and not released on it or before."""
        released = None if self.released_at is None else self.released_at.astimezone(zone).date()
        return self.placed_at.astimezone(zone).date() <= day and (released is None or day < released)

    def days(self, today: date, zone: ZoneInfo) -> Iterator[date]:
        """The days after the day of placing, up to the release or today."""
        day = self.placed_at.astimezone(zone).date() + DAY
        last = today if self.released_at is None else self.released_at.astimezone(zone).date()
        while day <= last:
            yield day
            day += DAY


@dataclass
class _Life:
    """The state that the events record, read in their order."""

    created: Event | None = None
    last_activity: datetime | None = None
    activities: list[datetime] = field(default_factory=list)
    trigger: datetime | None = None
    end: Event | None = None
    reappeared: datetime | None = None
    ended_under_hold: bool = False
    left: int = 0
    removed_last: int | None = None
    parts: list[tuple[_Life, int]] = field(default_factory=list)
    """The life as if it had ended with a deletion that left something, and how many that removed."""


def read_policy(pack: Path) -> Policy:
    """Both registers of a pack and its settings; a file that is not there is an empty register."""

    def rows(name: str) -> tuple[dict[str, str], ...]:
        file = pack / name
        if not file.is_file():
            return ()
        with file.open(encoding="utf-8", newline="") as lines:
            return tuple(csv.DictReader(lines))

    own = yaml.safe_load((pack / "pack.yml").read_text(encoding="utf-8"))
    settings = {name: own[name] for name in ("hold_review", "activity_run_days") if name in own}
    return Policy(rows("retention_schedule.csv"), rows("contract_terms.csv"), **settings)


def last_scans(lives: Iterable[Iterable[Event]], as_of: datetime) -> dict[str | None, datetime]:
    """When each system was last scanned: any of the record sets created in it was seen."""
    found: dict[str | None, datetime] = {}
    for events in lives:
        known = _known(events, as_of)
        created = next((event for event in known if event.event_type == "created"), None)
        seen = [event.occurred_at for event in known if event.event_type == "seen"]
        if created is not None and seen:
            found[created.system] = max([*seen, found.get(created.system, seen[0])])
    return found


def evaluate(
    events: Iterable[Event],
    policy: Policy,
    zone: ZoneInfo,
    as_of: datetime,
    due_soon_days: int = 30,
    scans: Mapping[str | None, datetime] | None = None,
) -> Verdict | None:
    """Evaluate one record set.

    Args:
        events: all of its events, in any order.
        policy: what the pack promises.
        zone: the organisation's.
        as_of: what happened after it is not known.
        due_soon_days: from how many days before its last day a record set is due soon.
        scans: when each system was last scanned (last_scans).

    Returns:
        The verdict, or None where nothing had been created by then.
    """
    known = _known(events, as_of)
    life, holds = _read(known, zone)
    if life.created is None:
        return None
    today = as_of.astimezone(zone).date()
    created_date = life.created.occurred_at.astimezone(zone).date()
    row = _governing(policy, life.created, created_date)
    term = _term(policy, life.created, created_date)
    trigger = _trigger(row, life)
    start = None if trigger is None else trigger.astimezone(zone).date()
    keep_until, unheld = _dates(row, term, start)
    delete_by = _moved(unheld, holds, zone)
    ended = None if life.end is None else life.end.occurred_at.astimezone(zone).date()
    on_hold = any(hold.released_at is None for hold in holds)
    status = _status(row, life, trigger, keep_until, delete_by, ended, on_hold, today, due_soon_days)
    last_scan = (scans or {}).get(life.created.system)
    trigger_due_by = _after(created_date, row.get("max_wait") or "P10Y") if row and row["trigger"] == "trigger" else None
    unreviewed = [
        hold for hold in holds if life.end is None and hold.released_at is None and today > _review_due(hold, policy, zone)
    ]
    automatic_at = _automatic_at(life.activities, policy.activity_run_days, zone)
    over_until = {"over_retained": today, "deleted_late": ended}.get(status)
    return Verdict(
        subject_key=life.created.subject_key,
        system=life.created.system,
        data_category=life.created.data_category,
        purpose_code=life.created.purpose_code,
        jurisdiction=life.created.jurisdiction,
        contract_ref=life.created.contract_ref,
        record_count=life.created.record_count,
        created_at=life.created.occurred_at,
        created_date=created_date,
        schedule_id=row["schedule_id"] if row else None,
        trigger=row["trigger"] if row else None,
        trigger_at=trigger,
        trigger_date=start,
        keep_until=keep_until,
        delete_by=delete_by,
        unheld_delete_by=unheld,
        has_contract_term=term is not None,
        lacks_contract_terms=life.created.contract_ref not in (None, *(row["contract_ref"] for row in policy.terms)),
        held_days=len({day for hold in holds for day in hold.days(today, zone)}),
        on_hold=on_hold,
        hold_refs=sorted({hold.ref for hold in holds if hold.released_at is None}),
        deleted_at=life.end.occurred_at if life.end else None,
        deleted_date=ended,
        deletion_event_type=life.end.event_type if life.end else None,
        reappeared_at=life.reappeared,
        status=status,
        over_days=None if over_until is None or delete_by is None else (over_until - delete_by).days,
        is_alive=life.end is None,
        has_minimum=bool(row and row["min_period"]),
        had_hold=bool(holds),
        records_left=life.left,
        deleted_record_count=life.removed_last,
        partial_deletions=[
            _part(replace(part, created=life.created, trigger=life.trigger), removed, policy, holds, zone)
            for part, removed in life.parts
        ],
        scanned_after_deletion=None
        if life.end is None
        else last_scan is not None and _is_after(last_scan, life.end.occurred_at, zone),
        trigger_due_by=trigger_due_by,
        trigger_overdue=status == "not_started" and trigger_due_by is not None and today > trigger_due_by,
        holds_not_reviewed=sorted(hold.ref for hold in unreviewed),
        hold_unreviewed_since=min((hold.last_placed_at for hold in unreviewed), default=None),
        held_when_overdue=status == "on_hold" and delete_by is not None and delete_by < today,
        activity_automatic_at=automatic_at,
        activity_looks_automatic=bool(row and row["trigger"] == "last_activity" and life.end is None and automatic_at),
        event_id=life.created.event_id,
    )


def _known(events: Iterable[Event], as_of: datetime) -> list[Event]:
    """Those that have happened, in their order."""
    return sorted(
        (event for event in events if event.occurred_at <= as_of),
        key=lambda event: (event.occurred_at, EVENT_TYPES.index(event.event_type), event.event_id),
    )


def _read(events: Sequence[Event], zone: ZoneInfo) -> tuple[_Life, list[_Hold]]:
    """Walk through the events, remembering which holds stand and what has become of the records."""
    life = _Life()
    holds: list[_Hold] = []
    standing: dict[str, datetime] = {}
    last_placed: dict[str, datetime] = {}
    ends: list[Event] = []
    life.left = next((event.record_count or 0 for event in events if event.event_type == "created"), 0)
    for event in events:
        now = event.occurred_at
        if event.event_type == "created":
            life.created = life.created or event
        elif event.event_type == "trigger":
            life.trigger = life.trigger or now
        elif event.event_type == "hold_placed":
            standing.setdefault(str(event.hold_ref), now)
            last_placed[str(event.hold_ref)] = now
        elif event.event_type == "hold_released":
            placed = standing.pop(str(event.hold_ref), None)
            if placed is not None:
                holds.append(_Hold(str(event.hold_ref), placed, now, last_placed[str(event.hold_ref)]))
        elif event.event_type in ENDS:
            removed = life.left if event.record_count is None else min(life.left, event.record_count)
            if life.end is None and removed < life.left:
                life.left -= removed
                life.parts.append((replace(life, end=event, ended_under_hold=bool(standing)), removed))
                continue
            ends.append(event)
            if life.end is None:
                life.end, life.left, life.removed_last = event, 0, removed
                life.ended_under_hold = bool(standing)
        else:
            if event.event_type == "last_activity":
                life.last_activity = now
                life.activities.append(now)
            before = [end for end in ends if _is_after(now, end.occurred_at, zone)]
            there_again = bool(before) and (event.event_type == "last_activity" or before[-1].event_type == "deleted")
            if there_again and life.reappeared is None:
                life.reappeared = now
    return life, holds + [_Hold(ref, placed, None, last_placed[ref]) for ref, placed in standing.items()]


def _review_due(hold: _Hold, policy: Policy, zone: ZoneInfo) -> date:
    due = _after(hold.last_placed_at.astimezone(zone).date(), policy.hold_review)
    assert due is not None
    return due


def _automatic_at(activities: Sequence[datetime], run_days: int, zone: ZoneInfo) -> datetime | None:
    """The first activity of the first day that has had one on each of so many days before it."""
    days = {at.astimezone(zone).date() for at in activities}
    for at in sorted(activities):
        day = at.astimezone(zone).date()
        if all(day - number * DAY in days for number in range(run_days + 1)):
            return at
    return None


def _part(life: _Life, removed: int, policy: Policy, holds: list[_Hold], zone: ZoneInfo) -> dict[str, Any]:
    """A deletion that left something, assessed as the end of its set would be on that day."""
    assert life.created is not None
    assert life.end is not None
    created_date = life.created.occurred_at.astimezone(zone).date()
    row = _governing(policy, life.created, created_date)
    trigger = _trigger(row, life)
    start = None if trigger is None else trigger.astimezone(zone).date()
    keep_until, unheld = _dates(row, _term(policy, life.created, created_date), start)
    delete_by, ended = _moved(unheld, holds, zone), life.end.occurred_at.astimezone(zone).date()
    status = _status(row, life, trigger, keep_until, delete_by, ended, False, ended)
    return {
        "deleted_at": life.end.occurred_at,
        "deleted_date": ended,
        "event_type": life.end.event_type,
        "record_count": removed,
        "status": status,
        "over_days": (ended - delete_by).days if status == "deleted_late" and delete_by else None,
    }


def _is_after(now: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Later than an end; where that is a mere date (its day had just begun), of a later date."""
    day, day_before = end.astimezone(zone).date(), (end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone).date()
    return now.astimezone(zone).date() > day if day_before < day else now > end


def _governing(policy: Policy, created: Event, day: date) -> dict[str, str] | None:
    """The most specific row in force: the four kinds in turn, and of a place first its own rows, then its country's."""
    in_force = [row for row in policy.schedule if row["data_category"] == created.data_category and _in_force(row, day)]
    places = [created.jurisdiction, created.jurisdiction.split("-")[0]] if created.jurisdiction else []
    for purpose in (created.purpose_code, ""):
        for place in (*places, ""):
            fitting = [row for row in in_force if (row["purpose_code"], row["jurisdiction"]) == (purpose, place)]
            if fitting:
                return min(fitting, key=lambda row: _rank(row, day))
    return None


def _rank(row: dict[str, str], day: date) -> tuple[int, date, str]:
    """The latest valid_from first, then the shorter maximum as counted from a day, then the identifier."""
    begins = date.fromisoformat(row["valid_from"]) if row.get("valid_from") else date.min
    return (-begins.toordinal(), _after(day, row["max_period"]) or date.max, row["schedule_id"])


def _term(policy: Policy, created: Event, day: date) -> dict[str, str] | None:
    for row in policy.terms:
        same = (row["contract_ref"], row["data_category"]) == (created.contract_ref, created.data_category)
        if same and _in_force(row, day):
            return row
    return None


def _in_force(row: dict[str, str], day: date) -> bool:
    begun = not row.get("valid_from") or date.fromisoformat(row["valid_from"]) <= day
    return begun and (not row.get("valid_to") or day < date.fromisoformat(row["valid_to"]))


def _trigger(row: dict[str, str] | None, life: _Life) -> datetime | None:
    if row is None or life.created is None:
        return None
    if row["trigger"] == "trigger":
        return life.trigger
    if row["trigger"] == "last_activity" and life.last_activity is not None:
        return life.last_activity
    return life.created.occurred_at


def _dates(row: dict[str, str] | None, term: dict[str, str] | None, start: date | None) -> tuple[date | None, date | None]:
    """Until when it must be kept, and when it must be gone if no hold stands in the way."""
    if row is None or start is None:
        return None, None
    keep_until, delete_by = _after(start, row["min_period"]), _after(start, row["max_period"])
    if term is not None:
        shortened = _after(start, term["max_period"])
        if shortened is not None and (delete_by is None or shortened < delete_by):
            delete_by = shortened
    if keep_until is not None and delete_by is not None and delete_by < keep_until:
        delete_by = keep_until
    return keep_until, delete_by


def _after(day: date, period: str) -> date | None:
    """The day a period of whole months and days after a day; None where no period is written."""
    if not period:
        return None
    match = _PERIOD.match(period)
    assert match is not None, period
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    return add(day, 12 * years + months, "month", None) + timedelta(days=7 * weeks + days)


def _moved(day: date | None, holds: list[_Hold], zone: ZoneInfo) -> date | None:
    """While a hold is open on that day, go on to the day on which the last of those that are open is released."""
    while day is not None:
        on_that_day = [hold for hold in holds if hold.is_open_on(day, zone)]
        if not on_that_day:
            break
        releases = [hold.released_at for hold in on_that_day]
        day = None if None in releases else max(at.astimezone(zone).date() for at in releases if at is not None)
    return day


def _status(
    row: dict[str, str] | None,
    life: _Life,
    trigger: datetime | None,
    keep_until: date | None,
    delete_by: date | None,
    ended: date | None,
    on_hold: bool,
    today: date,
    due_soon_days: int = 0,
) -> str:
    if life.reappeared is not None:
        return "reappeared"
    if life.ended_under_hold:
        return "deleted_under_hold"
    if row is None:
        return "unscheduled"
    if life.end is not None and ended is not None:
        before_the_trigger = trigger is None or life.end.occurred_at < trigger
        if (row["min_period"] and before_the_trigger) or (keep_until is not None and ended < keep_until):
            return "deleted_early"
        return "deleted_late" if delete_by is not None and ended > delete_by else "deleted_on_time"
    if on_hold:
        return "on_hold"
    if trigger is None:
        return "not_started"
    if delete_by is not None and today > delete_by:
        return "over_retained"
    if delete_by is not None and today >= delete_by - timedelta(days=due_soon_days):
        return "due_soon"
    return "within_period"
