"""How many rows the marts must have, counted in the landing zone without any model.

Here: the second count, against which the publish gate holds the first. It reads `landing.*` alone and resolves revisions
and conflicts by itself; if it shared a line of SQL with the models, both could be wrong together. What it has counted it keeps in
`run.counted_*`, so that a day counts the rows of a day. Not here: verdicts, or how long what is kept counts (the caller's).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from promisekept.publishing.reader import NO_EXTENSIONS
from promisekept.sources.contract import contract


@dataclass(frozen=True, slots=True)
class _CountedUnit:
    """What a mart has a row of: the things that a log records, identified by `key` (none: each event is one).

    `born` is the kind of event without which there is no such thing (none: any event will do).
    """

    log: str
    key: tuple[str, ...] = ()
    born: str | None = None


_THINGS = {
    "units": _CountedUnit("requests", ("request_id", "right_type"), "received"),
    "incidents": _CountedUnit("incidents", ("incident_id",), "detected"),
    "policy_versions": _CountedUnit("policies", ("policy_version",)),
    "collections": _CountedUnit("collections"),
    "disclosures": _CountedUnit("disclosures"),
    "processing": _CountedUnit("processing"),
    "records": _CountedUnit("retention", ("record_id",), "created"),
    "remediation_events": _CountedUnit("remediations"),
}

_KEPT = """
create table if not exists run.counted_until (counts_for varchar, as_of timestamptz, whole_at timestamptz);
create table if not exists run.counted_batches (name varchar, batch_id varchar, rows bigint)
"""
_IS_PLAUSIBLE = "is_born and occurred_at <= landed_at + interval 5 minutes"


@dataclass(frozen=True, slots=True)
class LandedCounts:
    """The numbers that suites call `{landed: ...}`, by name.

    `whole_at`: as of when all rows were last counted; those that landed since were added.
    """

    rows: Mapping[str, int]
    whole_at: datetime


def landed_counts(
    warehouse: Path, engine: Mapping[str, str] | None = None, *, counts_for: str = "", anew: bool = True
) -> LandedCounts:
    """Count the things that landed.

    Args:
        warehouse: the build database with the schemas landing and run; nobody else has it open.
        engine: DuckDB's settings for the connection.
        counts_for: what is kept counts only for the same.
        anew: count all rows, whatever is kept.

    Returns:
        By name, of the events that count: `units` are rights requested, that is (namespace, request_id, right_type) that were
        received; `incidents` those that were detected; `policy_versions` those that have any event; `collections`,
        `disclosures`, `processing` and `remediation_events` each; `records` the record sets that were created.
    """
    with duckdb.connect(str(warehouse), config=NO_EXTENSIONS | dict(engine or {})) as connection:
        connection.execute("set global TimeZone = 'UTC'")
        ((as_of,),) = connection.execute("select as_of from run.run_instants").fetchall()
        connection.begin()
        connection.execute(_KEPT)
        counted = [] if anew else connection.execute("from run.counted_until").fetchall()
        arrived = {name: _arrived(connection, name, thing) for name, thing in _THINGS.items()}
        if not counted or counted[0][0] != counts_for or counted[0][1] > as_of or None in arrived.values():
            counted = [(counts_for, as_of, as_of)]
            for name, thing in _THINGS.items():
                _forget(connection, name, thing)
                arrived[name] = _arrived(connection, name, thing)
        ((_, until, whole_at),) = counted
        rows = {}
        for name, thing in _THINGS.items():
            rows[name] = _Counting(connection, name, thing, arrived[name] or {}, until, as_of).count()
        connection.execute("delete from run.counted_until")
        connection.execute("insert into run.counted_until values ($1, $2, $3)", [counts_for, as_of, whole_at])
        connection.commit()
    return LandedCounts(rows, whole_at)


def _forget(connection: duckdb.DuckDBPyConnection, name: str, thing: _CountedUnit) -> None:
    """Begin with nothing counted: how many undisputed rows each thing has, those that are not due yet, and the contested ones."""
    kinds = contract()[thing.log].landed
    keys = "".join(f"{key} {kinds[key]}, " for key in thing.key)
    connection.execute(
        f"""
        delete from run.counted_batches where name = '{name}';
        create or replace table run.counted_{name} (namespace varchar, {keys} rows bigint);
        create or replace table run.counted_ahead_{name} (namespace varchar, event_id varchar, {keys} occurred_at timestamptz);
        create or replace table run.counted_versions_{name} (
            namespace varchar, event_id varchar, revision bigint, content varchar, {keys} is_born boolean,
            occurred_at timestamptz, landed_at timestamptz
        )
        """
    )


def _arrived(connection: duckdb.DuckDBPyConnection, name: str, thing: _CountedUnit) -> dict[str, int] | None:
    """The batches that are not counted yet, with their rows; None where one that is counted has not the rows that it had."""
    landed = dict(connection.execute(f"select batch_id, count(*) from landing.{thing.log} group by all").fetchall())
    counted = dict(connection.execute("select batch_id, rows from run.counted_batches where name = $1", [name]).fetchall())
    if any(landed.get(batch) != rows for batch, rows in counted.items()):
        return None
    return {batch: rows for batch, rows in landed.items() if batch not in counted}


@dataclass(frozen=True, slots=True)
class _Counting:
    """One count. An event of which several versions landed is contested: its rows are kept, and counted by themselves.

    `arrived` are the rows by batch that are not counted yet; the others were counted `until` an instant.
    """

    connection: duckdb.DuckDBPyConnection
    name: str
    thing: _CountedUnit
    arrived: Mapping[str, int]
    until: datetime
    as_of: datetime

    def count(self) -> int:
        """Take in what arrived or came due; how many things there are."""
        if self.arrived or self.until < self.as_of:
            self._gather()
            self._take_in()
        name, keys = self.name, self._keys
        resolved = f"""
            select namespace, {"".join(f"min({key}) as {key}, " for key in self.thing.key)} min(is_born) as is_born,
                min(occurred_at) as occurred_at, min(landed_at) as landed_at
            from (from run.counted_versions_{name} qualify revision = max(revision) over (partition by namespace, event_id))
            group by namespace, event_id
            having count(distinct content) = 1
        """
        due = f"(select namespace, {keys} 1 as rows from ({resolved}) where {_is_due(self.as_of)})"
        query = f"select coalesce(sum(rows), 0) from (select rows from run.counted_{name} union all select rows from {due})"
        if self.thing.key:
            there = f"(select namespace, {keys} from run.counted_{name} where rows > 0)"
            others = f"(select distinct namespace, {keys} from {due} except {there})"
            query = f"select (select count(*) from {there}) + (select count(*) from {others})"
        ((rows,),) = self.connection.execute(query).fetchall()
        return int(rows)

    @property
    def _keys(self) -> str:
        """The columns that identify a thing beside the namespace, each with a comma behind it."""
        return "".join(f"{key}, " for key in self.thing.key)

    def _gather(self) -> None:
        """Create `arriving`, `contested`, and `counted_before`: rows that were counted while their event had but one version."""
        log, name = self.thing.log, self.name
        batches = ", ".join(f"'{batch}'" for batch in self.arrived) or "null"
        born = f"event_type is not distinct from '{self.thing.born}'" if self.thing.born else "true"
        rows = f"select *, {born} as is_born from landing.{log}"
        is_first = not self.connection.execute("select 1 from run.counted_batches where name = $1 limit 1", [name]).fetchall()
        # The rows of a day are read once; all rows would not fit into memory.
        few = f"table arriving_{name} as {rows} where batch_id in ({batches})"
        self.connection.execute(
            f"""
            create temp {f"view arriving_{name} as {rows}" if is_first else few};
            create or replace temp table newly_contested as
            select distinct namespace, event_id from arriving_{name} where collides
            except
            select namespace, event_id from run.counted_versions_{name};
            create or replace temp table contested as
            select namespace, event_id from run.counted_versions_{name} union from newly_contested
            """
        )
        before = f"arriving_{name} where false"
        if not is_first and self.connection.execute("from newly_contested limit 1").fetchall():
            # They are looked for by their ids alone, so that few files are read as a whole.
            places = f"""
                select batch_id from landing.{log} semi join newly_contested using (namespace, event_id)
                where batch_id not in ({batches})
            """
            before = f"({rows} where batch_id in ({places})) semi join newly_contested using (namespace, event_id)"
        self.connection.execute(f"create or replace temp table counted_before as select {self._version} from {before}")

    @property
    def _version(self) -> str:
        content = ", ".join(column for column in contract()[self.thing.log].content if column != "event_id")
        hashed = f"md5(row({content})::varchar) as content"
        return f"namespace, event_id, revision, {hashed}, {self._keys} is_born, occurred_at, landed_at"

    def _take_in(self) -> None:
        """Add what arrived, take out what was counted before, and count what was ahead and is due now."""
        name, keys, is_due = self.name, self._keys, _is_due(self.as_of)
        undisputed = f"(from arriving_{name} anti join contested using (namespace, event_id))"
        same = " and ".join(f"counted.{key} is not distinct from news.{key}" for key in ("namespace", *self.thing.key))
        self.connection.execute(
            f"""
            insert into run.counted_versions_{name} by name
            from counted_before
            union all by name
            select {self._version} from arriving_{name} semi join contested using (namespace, event_id);

            create or replace temp table ahead as
            select namespace, event_id, {keys} occurred_at
            from run.counted_ahead_{name} anti join contested using (namespace, event_id)
            union all
            select namespace, event_id, {keys} occurred_at from {undisputed} where {_IS_PLAUSIBLE} and not ({is_due});

            create or replace temp table news as
            select namespace, {keys} sum(rows)::bigint as rows
            from (
                select namespace, {keys} count(*) as rows from {undisputed} where {is_due} group by all
                union all
                select namespace, {keys} -count(*) from counted_before where {_is_due(self.until)} group by all
                union all
                select namespace, {keys} count(*) from ahead where occurred_at <= {_literal(self.as_of)} group by all
            )
            group by all;

            create or replace table run.counted_ahead_{name} as from ahead where occurred_at > {_literal(self.as_of)};

            merge into run.counted_{name} as counted using news on {same}
            when matched then update set rows = counted.rows + news.rows
            when not matched then insert by name
            """
        )
        if self.arrived:
            self.connection.executemany(
                "insert into run.counted_batches values ($1, $2, $3)", [(name, *batch) for batch in self.arrived.items()]
            )


def _is_due(as_of: datetime) -> str:
    return f"{_IS_PLAUSIBLE} and occurred_at <= {_literal(as_of)}"


def _literal(instant: datetime) -> str:
    return f"timestamptz '{instant.isoformat()}'"
