"""How many rows the marts must have by what landing says, counted without any model.

Here: the second count, against which the publish gate holds the first. It reads `landing.*` alone and resolves revisions
and conflicts by itself; if it shared a line of SQL with the models, both could be wrong together. Not here: judging.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from promisekept.publishing.reader import NO_EXTENSIONS
from promisekept.sources.contract import contract

# What makes a row of a fact: of which log, which event begins it, and what it is one of.
_FACTS = {
    "units": ("requests", "received", ("request_id", "right_type")),
    "records": ("retention", "created", ("record_id",)),
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
        select namespace, {grain}, event_type, occurred_at, landed_at
        from landing.{log}
        anti join contested using (namespace, event_id)
        where event_type = '{first}'
        union all
        select namespace, {any_grain}, min(event_type), min(occurred_at), min(landed_at)
        from versions
        group by namespace, event_id
        having count(distinct content) = 1
    )

    select count(distinct (namespace, {grain}))
    from undisputed, run.run_instants
    where event_type = '{first}' and occurred_at <= as_of and occurred_at <= landed_at + interval 5 minutes
"""


def landed_counts(warehouse: Path) -> dict[str, int]:
    """The numbers that suites call `{landed: ...}`.

    Args:
        warehouse: the build database with the schemas landing and run; only read.

    Returns:
        `units`: rights requested, that is (namespace, request_id, right_type) of the received events that count.
        `records`: record sets, that is (namespace, record_id) of the created events that count.
    """
    with duckdb.connect(str(warehouse), config=NO_EXTENSIONS) as connection:
        connection.execute("set global TimeZone = 'UTC'")
        counts = {name: connection.execute(_count(*fact)).fetchall() for name, fact in _FACTS.items()}
    return {name: int(rows[0][0]) for name, rows in counts.items()}


def _count(log: str, first: str, grain: tuple[str, ...]) -> str:
    return _COUNT.format(
        log=log,
        first=first,
        grain=", ".join(grain),
        any_grain=", ".join(f"min({column})" for column in grain),
        content=", ".join(column for column in contract()[log].content if column != "event_id"),
    )
