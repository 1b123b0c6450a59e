-- Per metric and period: the rejected rows and the missing events that may belong to it, the rows read, the rejected files in
-- whose place none has landed since (their rows may belong to any period), and whether the absence of events in all its logs is
-- evidenced.
with
metric_logs as (
    select metric_code, unnest(string_split(logs, ';')) as log from {{ ref('metric_catalogue') }} where period_by <> 'landed_at'
),

read_rows as (
    select log, sum(distinct_rows)::bigint as rows_read, sum(refused_rows)::bigint as refused_in_all, sum(unread_files)::bigint as unread_files
    from {{ ref('int_controls__sources') }}
    group by log
),

missing_events as (
    select missing.log, periods.period_grain, periods.period_start, sum(missing.events) as missing_events
    from {{ ref('int_metrics__missing_events') }} as missing
    inner join {{ ref('int_metrics__periods') }} as periods
        on periods.period_end is null or missing.month_start is null or missing.month_start < periods.period_end
    group by all
),

by_log as (
    select
        periods.period_grain,
        periods.period_start,
        read_rows.log,
        read_rows.rows_read,
        read_rows.refused_in_all / nullif(read_rows.rows_read, 0) as refused_share,
        coalesce(rejected_rows.refused_rows, 0) as refused_rows,
        read_rows.refused_in_all,
        coalesce(missing_events.missing_events, 0) as missing_events,
        read_rows.unread_files,
        coalesce(staleness.is_evidenced, false) as silence_is_evidenced
    from {{ ref('int_metrics__periods') }} as periods
    cross join read_rows
    left join {{ ref('int_controls__rejected_rows') }} as rejected_rows
        on
            read_rows.log = rejected_rows.log
            and periods.period_grain = rejected_rows.period_grain
            and periods.period_start is not distinct from rejected_rows.period_start
    left join missing_events
        on
            read_rows.log = missing_events.log
            and periods.period_grain = missing_events.period_grain
            and periods.period_start is not distinct from missing_events.period_start
    left join {{ ref('int_controls__staleness') }} as staleness
        on
            read_rows.log = staleness.log
            and periods.period_grain = staleness.period_grain
            and periods.period_start is not distinct from staleness.period_start
)

select
    metric_logs.metric_code,
    by_log.period_grain,
    by_log.period_start,
    sum(by_log.refused_rows)::bigint as refused_rows,
    sum(by_log.refused_in_all)::bigint as refused_in_all,
    sum(by_log.rows_read)::bigint as rows_read,
    max(by_log.refused_share) as refused_share,
    sum(by_log.missing_events)::bigint as missing_events,
    sum(by_log.unread_files)::bigint as unread_files,
    bool_and(by_log.silence_is_evidenced and by_log.unread_files = 0) as silence_is_evidenced
from metric_logs
inner join by_log on metric_logs.log = by_log.log
group by metric_logs.metric_code, by_log.period_grain, by_log.period_start
