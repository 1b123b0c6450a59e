"""What each source delivered, measured: one row per configured source.

Here: the SQL that turns landing's own bookkeeping into the figures that the source gate checks (freshness, volume,
share of rejects, conservation). Not here: what is good enough (suites/deliveries/delivery.yml).
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

TABLE = "source_deliveries"


def measure(connection: duckdb.DuckDBPyConnection, logs: Iterable[str]) -> list[tuple[str, str]]:
    """Fill `run.source_deliveries` from `landing.*` and `run.run_instants`; superseded batches are left out.

    Columns: log, source, deliveries, freshness (`fresh`, `stale`, `unknown` without `expect:`), volume (`within`,
    `outside`, `unknown`; of the files of the newest delivery), refused_share (0 to 1; rows still in
    quarantine of all rows, each counted once however often it was delivered),
    unbalanced_batches, lost_rows (recorded in the ledger, not found in the files), open_held_back (files rejected since
    the newest delivery, and a source that could not be read to its end, whatever part of it has landed).

    Returns:
        (log, source) of each row, in order.
    """
    found = " union all ".join(
        f"select '{log}' as log, source, count(*) as found_rows from landing.{log} group by all" for log in logs
    )
    connection.execute(
        f"""
        create or replace table run.{TABLE} as
        with
        batches as (select * from landing.batches where not superseded),

        found as ({found}),

        delivered as (
            select
                log,
                source,
                count(*) as deliveries,
                min(source_rows) filter (landed_at = newest) as least_rows,
                max(source_rows) filter (landed_at = newest) as most_rows,
                sum("read" - duplicate - quarantined) as kept_rows,
                sum(landed + superseding + conflicting) as recorded_rows,
                count(*) filter (
                    "read" <> landed + duplicate + superseding + conflicting + quarantined
                    or source_rows <> mapped + skipped + unmapped + held_back
                ) as unbalanced_batches
            from (select *, max(landed_at) over (partition by log, source) as newest from batches)
            group by all
        ),

        -- What a person had landed again came when it came first.
        newest as (
            select log, source, max(landed_at) as last_landed_at from landing.batches where landed_again is not true group by all
        ),

        refused as (select log, source, count(*) as refused_rows from landing.quarantine group by all),

        held_back as (
            select held_back.log, held_back.source, count(*) as open_held_back
            from landing.held_back
            left join newest using (log, source)
            where
                held_back.landed_at >= coalesce(newest.last_landed_at, held_back.landed_at)
                or held_back.reason = 'source_not_read'
            group by all
        )

        select
            sources.log,
            sources.source,
            coalesce(deliveries, 0) as deliveries,
            case
                when expect_every_seconds is null then 'unknown'
                when last_landed_at + to_seconds(expect_every_seconds + coalesce(expect_grace_seconds, 0)) >= as_of then 'fresh'
                else 'stale'
            end as freshness,
            case
                when expect_rows_min is null and expect_rows_max is null then 'unknown'
                when least_rows >= coalesce(expect_rows_min, 0) and most_rows <= coalesce(expect_rows_max, most_rows)
                    then 'within'
                else 'outside'
            end as volume,
            coalesce(refused_rows / (kept_rows + refused_rows), 0) as refused_share,
            coalesce(unbalanced_batches, 0) as unbalanced_batches,
            coalesce(recorded_rows, 0) - coalesce(found_rows, 0) as lost_rows,
            coalesce(open_held_back, 0) as open_held_back
        from landing.sources
        cross join (select as_of from run.run_instants)
        left join delivered using (log, source)
        left join newest using (log, source)
        left join refused using (log, source)
        left join held_back using (log, source)
        left join found using (log, source)
        order by all
        """
    )
    return connection.execute(f"select log, source from run.{TABLE} order by all").fetchall()
