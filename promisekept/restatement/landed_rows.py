"""Which landed rows distinguish two publications, and which periods they can reach.

Here: the events that count in one of two states of the landing zone and not, or differently, in the other, grouped by the
delivery that brought them. Not here: what that means for a figure (causes.py), or which version of an event counts (staging).

The order of the two states does not matter: a snapshot of an earlier `as_of` differs from the one before it by the same rows.
An event is followed to the life that it belongs to (a request, a record, a person's consent to a purpose), because an
answer in April changes what March's request counts as, and an event of a life that began later can't.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

import duckdb

from promisekept.publishing.history import history_database
from promisekept.sources.contract import Log, contract
from promisekept.sources.sandbox import literal, quoted
from promisekept.sources.zone.batches import Zone, scan
from promisekept.sources.zone.ledger import Ledger

ArrivalKind = Literal["event", "correction", "conflict", "reject"]
ALWAYS = date(1, 1, 1)
NEVER = date(9999, 1, 1)
_SLACK = "interval 14 hour"  # a request's date is that of its place, which may be the day before or after


@dataclass(frozen=True, slots=True)
class Arrival:
    """Rows of one delivery that count in one state only.

    Attributes:
        log: which log.
        kind: new events, other versions of landed ones, conflicts, rejected rows.
        batch_id: the delivery.
        seq: its line in the ledger.
        month: first day of the month in which they happened, in the organisation's zone; null where it is not stated.
        early: the same for a place whose day begins up to 14 hours later.
        since: the month in which the life that they belong to was first heard of without them; NEVER where it was not.
        had_landed: they are in both states; `as_of` alone decides whether they count.
    """

    log: str
    kind: ArrivalKind
    batch_id: str
    seq: int
    month: date | None
    early: date | None
    since: date
    had_landed: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What counted for a publication: rows up to a line of the ledger, events up to an instant."""

    known_seq: int
    as_of: datetime


def arrivals(home: Path, ledger: Ledger, one: State, other: State, time_zone: str) -> list[Arrival]:
    """The rows in which two states differ, in order of landing; `time_zone` is that of the months."""
    earlier, later = sorted((one.known_seq, other.known_seq))
    landed = any(line.seq > earlier for line in ledger.lines("batch", until=later))
    if not landed and one.as_of == other.as_of:
        return []
    first, last = sorted((one.as_of, other.as_of))
    between = _Between(Zone(home, ledger, earlier), Zone(home, ledger, later), first, last, time_zone)
    found: list[Arrival] = []
    with history_database() as connection:
        for log in contract().values():
            found += _Compared(connection, log, between).arrivals()
        found += _rejects(connection, between)
    return sorted(found, key=lambda arrival: (arrival.seq, arrival.log, arrival.kind, arrival.since))


@dataclass(frozen=True, slots=True)
class _Between:
    """Both states of the landing zone, and the instants up to which events counted, each pair in order."""

    before: Zone
    after: Zone
    first: datetime
    last: datetime
    time_zone: str


class _Compared:
    """One log in both states."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, log: Log, between: _Between) -> None:
        self.connection, self.log = connection, log
        self.before, self.after, self.zone = between.before, between.after, between.time_zone
        self.first, self.last = between.first, between.last
        was = {batch.batch_id: batch for batch in self.before.active(log.name)}
        now = {batch.batch_id: batch for batch in self.after.active(log.name)}
        self.came, self.went = now.keys() - was.keys(), was.keys() - now.keys()
        # Rows that had landed by then and were dated ahead of it begin to count when as_of passes them.
        ahead = {name for name in now.keys() & was.keys() if (was[name].body["last_event_at"] or "") > _text(self.first)}
        self.ahead = ahead if self.first < self.last else set()
        self.seqs = {batch.batch_id: batch.seq for batch in self.after.batches}
        self.correcting = {name for name in self.came if now[name].body["supersedes"] or now[name].body["retries"]}
        self.instead = {old: batch.batch_id for batch in self.after.batches for old in batch.body["supersedes"]}

    def arrivals(self) -> list[Arrival]:
        if not (self.came or self.went or self.ahead):
            return []
        self._rows()
        self._versions()
        self._lives()
        rows = self.connection.execute(
            f"""
            select
                case
                    when versions.conflicts then 'conflict'
                    when rows.is_correction or versions.was_known then 'correction'
                    else 'event'
                end as kind,
                rows.batch_id,
                {_month("rows.occurred_at", self.zone)} as month,
                {_month(f"rows.occurred_at - {_SLACK}", self.zone)} as early,
                least(coalesce({self._since()}, date '9999-01-01'), case when kind <> 'event' then
                    least({_month("rows.occurred_at", self.zone)}, {_month("versions.first_at", self.zone)}) end) as since,
                rows.had_landed
            from rows
            left join versions on rows.namespace = versions.namespace and rows.event_id = versions.event_id
            {self._joined_lives()}
            group by all
            """
        ).fetchall()
        return [
            Arrival(self.log.name, kind, batch, self.seqs[batch], month, early, since, had_landed)
            for kind, batch, month, early, since, had_landed in rows
        ]

    def _rows(self) -> None:
        """Create `rows`: those that count in one state and differ, or are absent, in the other."""
        content = ["namespace", *map(quoted, self.log.content)]
        came, went = self._scan(self.after, self.came), self._scan(self.before, self.went)
        for name, rows in (("came", came), ("went", went)):
            self.connection.execute(
                f"create or replace temp table {name} as select * from ({rows}) where occurred_at <= $last", {"last": self.last}
            )
        same = " and ".join(f"one.{column} is not distinct from other.{column}" for column in content)
        correcting = ", ".join(map(literal, self.correcting)) or "null"
        instead = ", ".join(f"({literal(old)}, {literal(new)})" for old, new in self.instead.items()) or "(null, null)"
        names = dict.fromkeys(("namespace", "event_id", "occurred_at", *self._life()))
        columns = ", ".join(f"one.{quoted(name)}" for name in names)
        self.connection.execute(
            f"""
            create or replace temp table rows as
            select {columns}, one.batch_id, coalesce(one.batch_id in ({correcting}), false) as is_correction, one.collides,
                false as had_landed
            from came as one anti join went as other on {same}
            union all
            select {columns}, instead.new as batch_id, true as is_correction, false as collides, false as had_landed
            from went as one anti join came as other on {same}
            left join (values {instead}) as instead (old, new) on one.batch_id = instead.old
            union all
            select {columns}, one.batch_id, false as is_correction, false as collides, true as had_landed
            from ({self._scan(self.after, self.ahead)}) as one
            where one.occurred_at > $first and one.occurred_at <= $last
            """,
            {"first": self.first, "last": self.last},
        )

    def _versions(self) -> None:
        """Create `versions`: of every event with several versions, whether it had landed before and whether it conflicts now."""
        content = ", ".join(map(quoted, self.log.content))
        came = ", ".join(map(literal, self.came)) or "null"
        ids = "select distinct namespace, event_id from rows where collides"
        rows = self._scan(self.after, None) if self.connection.execute(f"{ids} limit 1").fetchall() else scan((), self.log)
        self.connection.execute(
            f"""
            create or replace temp table versions as
            with landed as (
                select * from ({rows}) semi join ({ids}) using (namespace, event_id) where occurred_at <= $last
            ),

            newest as (
                select distinct namespace, {content} from landed
                qualify revision = max(revision) over (partition by namespace, event_id)
            ),

            contents as (select namespace, event_id, count(*) > 1 as conflicts from newest group by all)

            select
                landed.namespace, landed.event_id, any_value(contents.conflicts) as conflicts,
                min(landed.occurred_at) as first_at,
                bool_or(coalesce(landed.batch_id not in ({came}), true)) as was_known
            from landed inner join contents using (namespace, event_id)
            group by landed.namespace, landed.event_id
            """,
            {"last": self.last},
        )

    def _lives(self) -> None:
        """Create `lives`: since when each life that the rows belong to was in the earlier state."""
        life = self._life()
        if not life:
            return
        names = ", ".join(life)
        self.connection.execute(
            f"""
            create or replace temp table lives as
            select {names}, min(occurred_at) as since
            from ({scan(self.before.stored(self.log.name), self.log)})
            semi join (select distinct {names} from rows) using ({names})
            group by all
            """
        )

    def _life(self) -> tuple[str, ...]:
        """The columns that identify a life; nothing where an event is a life of its own, or joins persons for ever."""
        return () if "event_id" in self.log.life else self.log.life

    def _joined_lives(self) -> str:
        life = self._life()
        on = " and ".join(f"rows.{name} is not distinct from lives.{name}" for name in life)
        return f"left join lives on {on}" if life else ""

    def _since(self) -> str:
        if self._life():
            return _month("lives.since", self.zone)
        return "date '0001-01-01'" if self.log.name == "subject_links" else "null::date"

    def _scan(self, zone: Zone, batches: Collection[str] | None) -> str:
        only = None if batches is None else batches
        return scan(zone.stored(self.log.name, only=only), self.log)


def _rejects(connection: duckdb.DuckDBPyConnection, between: _Between) -> list[Arrival]:
    """Rows that are rejects in one state only; those that no longer are by the batch that corrected them."""
    before, after, time_zone = between.before, between.after, between.time_zone
    was = {batch.batch_id: batch for batch in before.batches_with_rejects(None)}
    now = {batch.batch_id: batch for batch in after.batches_with_rejects(None)}
    corrected = {batch.retries: batch for batch in after.batches if batch.retries}
    corrected |= {old: batch for batch in after.batches for old in batch.body["supersedes"]}
    found = [
        Arrival(batch.log, "correction", corrected[name].batch_id, corrected[name].seq, None, None, ALWAYS)
        for name, batch in was.items()
        if name not in now and name in corrected
    ]
    for name in sorted(now.keys() - was.keys()):
        file = after.rejects_of(now[name])
        if file is None:
            continue
        rows = connection.execute(
            f"""
            select distinct {_month("occurred_at", time_zone)}, {_month(f"occurred_at - {_SLACK}", time_zone)}
            from read_parquet({literal(str(file.path))})
            where occurred_at is null or occurred_at <= $last
            """,
            {"last": between.last},
        ).fetchall()
        found += [Arrival(now[name].log, "reject", name, now[name].seq, month, early, ALWAYS) for month, early in rows]
    return found


def _month(instant: str, time_zone: str) -> str:
    return f"date_trunc('month', timezone({literal(time_zone)}, {instant}))::date"


def _text(instant: datetime) -> str:
    """As a batch's line states its first and last event."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
