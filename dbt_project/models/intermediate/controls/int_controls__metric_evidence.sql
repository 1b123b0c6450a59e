-- The evidence behind each metric of the catalogue, measured or not: its logs that are absent, stale or failed at the source
-- gate, and its missing registers.
with
-- A metric about landing itself is fed by every log that has a source.
metric_logs as (
    select catalogue.metric_code, catalogue_logs.log
    from (select metric_code, period_by, unnest(string_split(logs, ';')) as log from {{ ref('metric_catalogue') }}) as catalogue_logs
    inner join {{ ref('metric_catalogue') }} as catalogue using (metric_code)
    inner join {{ ref('int_controls__log_verdicts') }} as logs on catalogue_logs.log = logs.log
    where catalogue_logs.period_by <> 'landed_at' or logs.has_source
),

metric_registers as (
    select metric_code, unnest(string_split(registers, ';')) as register
    from {{ ref('metric_catalogue') }}
    where registers <> ''
),

verdicts as (select * from {{ ref('int_controls__log_verdicts') }}),

logs as (
    select
        log,
        sum(batches) > 0 as is_present,
        list_sort(list(source) filter (freshness = 'stale')) as stale_sources,
        sum(distinct_rows)::bigint as rows_read,
        sum(refused_rows)::bigint as refused_rows,
        bool_and(has_control_total) as has_control_total
    from {{ ref('int_controls__sources') }}
    group by log
),

by_log as (
    select
        metric_logs.metric_code,
        list_sort(list(metric_logs.log) filter (not coalesce(logs.is_present, false))) as absent_logs,
        list_distinct(flatten(list(logs.stale_sources) filter (logs.stale_sources is not null))) as stale_sources,
        list_sort(list(metric_logs.log) filter (verdicts.verdict = 'failed')) as failed_logs,
        max(case coalesce(verdicts.verdict, 'not_configured') when 'failed' then 3 when 'not_configured' then 2 else 1 end) as quality_rank,
        coalesce(bool_and(coalesce(logs.has_control_total, false)), false) as has_control_total
    from metric_logs
    left join logs on metric_logs.log = logs.log
    left join verdicts on metric_logs.log = verdicts.log
    group by metric_logs.metric_code
),

by_register as (
    select metric_registers.metric_code, list_sort(list(metric_registers.register)) as missing_registers
    from metric_registers
    left join {{ source('pack', 'registers') }} as registers on metric_registers.register = registers.register
    where not coalesce(registers.present, false)
    group by metric_registers.metric_code
)

select
    catalogue.metric_code,
    coalesce(by_log.absent_logs, []) as absent_logs,
    coalesce(list_sort(by_log.stale_sources), []) as stale_sources,
    coalesce(by_log.failed_logs, []) as failed_logs,
    coalesce(by_register.missing_registers, []) as missing_registers,
    case by_log.quality_rank when 3 then 'failed' when 1 then 'passed' else 'not_configured' end as quality_verdict,
    coalesce(by_log.has_control_total, false) as has_control_total
from {{ ref('metric_catalogue') }} as catalogue
left join by_log on catalogue.metric_code = by_log.metric_code
left join by_register on catalogue.metric_code = by_register.metric_code
