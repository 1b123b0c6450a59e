"""How many rows the marts must have by what landing says, counted without any model.

Here: the second count, against which the publish gate holds the first. It reads `landing.*` alone and resolves revisions
and conflicts by itself; if it shared a line of SQL with the models, both could be wrong together. Not here: judging.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from promisekept.publishing.reader import NO_EXTENSIONS
from promisekept.sources.contract import contract

_UNITS = """
    with
    contested as (select distinct namespace, event_id from landing.requests where collides),

    versions as (
        select requests.*, md5(row({content})::varchar) as content
        from landing.requests
        semi join contested using (namespace, event_id)
        qualify revision = max(revision) over (partition by namespace, event_id)
    ),

    undisputed as (
        select namespace, request_id, right_type, event_type, occurred_at, landed_at
        from landing.requests
        anti join contested using (namespace, event_id)
        where event_type = 'received'
        union all
        select namespace, min(request_id), min(right_type), min(event_type), min(occurred_at), min(landed_at)
        from versions
        group by namespace, event_id
        having count(distinct content) = 1
    )

    select count(distinct (namespace, request_id, right_type))
    from undisputed, run.run_instants
    where event_type = 'received' and occurred_at <= as_of and occurred_at <= landed_at + interval 5 minutes
"""


def landed_counts(warehouse: Path) -> dict[str, int]:
    """The numbers that suites call `{landed: ...}`.

    Args:
        warehouse: the build database with the schemas landing and run; only read.

    Returns:
        `units`: rights requested, that is (namespace, request_id, right_type) of the received events that count.
    """
    log = contract()["requests"]
    content = ", ".join(column for column in log.content if column != "event_id")
    with duckdb.connect(str(warehouse), config=NO_EXTENSIONS) as connection:
        connection.execute("set global TimeZone = 'UTC'")
        ((units,),) = connection.execute(_UNITS.format(content=content)).fetchall()
    return {"units": int(units)}
