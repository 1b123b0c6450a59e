-- The worklist: everything that is wrong, each with its severity, the control that it counts against, and the landed row.
with
instants as (select (as_of at time zone time_zone)::date as as_of_date from {{ source('run', 'run_instants') }}),
catalogue as (select * from {{ ref('finding_catalogue') }}),
batches as (select batch_id, landed_at from {{ source('landing', 'batches') }}),

found as (
    select traced.*, traced.entity as cause, batches.landed_at as first_seen_at
    from {{ ref('int_findings__requests_traced') }} as traced
    left join batches on traced.batch_id = batches.batch_id
    union all by name
    select rows_told.*, batches.landed_at as first_seen_at
    from {{ ref('int_findings__requests_rows') }} as rows_told
    left join batches on rows_told.batch_id = batches.batch_id
    union all by name
    select * from {{ ref('int_findings__deliveries') }}
    union all by name
    select * from {{ ref('int_findings__packs') }}
),

-- The control that promises the metric as a whole, else that of the right, else that of another dimension.
controls as (
    select
        targets.metric_code,
        targets.dimension,
        targets.dimension_value,
        targets.control_id,
        case targets.dimension when 'all' then 1 when 'right_type' then 2 else 3 end as distance
    from {{ source('pack', 'control_metrics') }} as targets
    cross join instants
    where {{ in_force('targets', 'instants.as_of_date') }}
),

kinds as (select distinct metric_code, right_type, channel from found where metric_code is not null),

concerned as (
    select
        kinds.metric_code,
        kinds.right_type,
        kinds.channel,
        min_by(controls.control_id, (controls.distance, controls.control_id)) as control_id,
        list_sort(list(distinct controls.control_id)) as control_ids
    from kinds
    inner join controls
        on
            kinds.metric_code = controls.metric_code
            and (
                controls.dimension = 'all'
                or (controls.dimension = 'right_type' and controls.dimension_value = kinds.right_type)
                or (controls.dimension = 'channel' and controls.dimension_value = kinds.channel)
            )
    group by all
)

select
    md5(found.finding_code || '|' || found.entity || '|' || found.cause) as finding_key,
    found.finding_code,
    catalogue.severity,
    concerned.control_id,
    found.subject_key,
    found.entity,
    found.occurred_at,
    found.first_seen_at,
    found.detail,
    found.source,
    found.event_id,
    found.batch_id,
    found.row_number,
    catalogue.area,
    catalogue.word,
    found.right_type,
    coalesce(concerned.control_ids, []) as control_ids
from found
inner join catalogue on found.finding_code = catalogue.finding_code
left join concerned
    on
        found.metric_code = concerned.metric_code
        and found.right_type is not distinct from concerned.right_type
        and found.channel is not distinct from concerned.channel
