"""How many rows the marts must have, counted in the landing zone without any model.

Here: the second count, against which the publish gate holds the first. It reads `landing.*` alone and resolves revisions
and conflicts by itself; if it shared a line of SQL with the models, both could be wrong together. Not here: verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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

_COUNT = """
    with
    contested as (select distinct namespace, event_id from landing.{log} where collides),

    versions as (
        select {log}.*, md5(row({content})::varchar) as content
        from landing.{log}
        semi join contested using (namespace, event_id)
        qualify revision = max(revision) over (partition by namespace, event_id)
    ),

    undisputed as (
        select namespace, {columns}
        from landing.{log}
        anti join contested using (namespace, event_id)
        where {born}
        union all
        select namespace, {same}
        from versions
        group by namespace, event_id
        having count(distinct content) = 1
    )

    select {count}
    from undisputed, run.run_instants
    where {born} and occurred_at <= as_of and occurred_at <= landed_at + interval 5 minutes
"""


def landed_counts(warehouse: Path, engine: Mapping[str, str] | None = None) -> dict[str, int]:
    """The numbers that suites call `{landed: ...}`.

    Args:
        warehouse: the build database with the schemas landing and run; only read.
        engine: what DuckDB may take of the machine (`settings.engine.config`).

    Returns:
        By name, of the events that count: `units` are rights requested, that is (namespace, request_id, right_type) that were
        received; `incidents` those that were detected; `policy_versions` those that have any event; `collections`,
        `disclosures`, `processing` and `remediation_events` each; `records` the record sets that were created.
    """
    with duckdb.connect(str(warehouse), config=NO_EXTENSIONS | dict(engine or {})) as connection:
        connection.execute("set global TimeZone = 'UTC'")
        return {name: _count(connection, thing) for name, thing in _THINGS.items()}


def _count(connection: duckdb.DuckDBPyConnection, thing: _CountedUnit) -> int:
    columns = (*thing.key, *(["event_type"] if thing.born else []), "occurred_at", "landed_at")
    query = _COUNT.format(
        log=thing.log,
        content=", ".join(column for column in contract()[thing.log].content if column != "event_id"),
        columns=", ".join(columns),
        same=", ".join(f"min({column})" for column in columns),
        born=f"event_type = '{thing.born}'" if thing.born else "true",
        count=f"count(distinct (namespace, {', '.join(thing.key)}))" if thing.key else "count(*)",
    )
    ((rows,),) = connection.execute(query).fetchall()
    return int(rows)
