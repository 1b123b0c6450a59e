-- The worklist: everything that is wrong, each with its severity, the control that it counts against, and the landed row.
with
instants as (select (as_of at time zone time_zone)::date as as_of_date from {{ source('run', 'run_instants') }}),
catalogue as (select * from {{ ref('finding_catalogue') }}),
batches as (select batch_id, landed_at from {{ source('landing', 'batches') }}),

told as (
    select *, entity as cause, ['right_type=' || right_type, 'channel=' || channel] as places
    from {{ ref('int_findings__requests_traced') }}
    union all by name
    select * from {{ ref('int_findings__facts_traced') }}
    union all by name
    select * from {{ ref('int_findings__rows') }}
    union all by name
    select * from {{ ref('int_findings__deliveries') }}
    union all by name
    select * from {{ ref('int_findings__packs') }}
),

found as (
    select
        told.* exclude (metric_code, first_seen_at),
        coalesce(told.metric_code, nullif(catalogue.metric_code, 'evidence')) as metric_codes,
        coalesce(told.first_seen_at, batches.landed_at) as first_seen_at,
        catalogue.severity,
        catalogue.area,
        catalogue.word,
    from told
    inner join catalogue on told.finding_code = catalogue.finding_code
    left join batches on told.batch_id = batches.batch_id
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

kinds as (select distinct metric_codes, places from found where metric_codes is not null),

-- Of several metrics the first that a control promises. A finding with the place all=none concerns no control of the whole.
promised as (
    select
        kinds.metric_codes,
        kinds.places,
        controls.control_id,
        controls.distance,
    from kinds
    inner join controls
        on
            list_contains(string_split(kinds.metric_codes, ';'), controls.metric_code)
            and (
                (controls.dimension = 'all' and not coalesce(list_contains(kinds.places, 'all=none'), false))
                or list_contains(kinds.places, controls.dimension || '=' || controls.dimension_value)
            )
    qualify rank() over (
        partition by kinds.metric_codes, kinds.places
        order by list_position(string_split(kinds.metric_codes, ';'), controls.metric_code)
    ) = 1
),

concerned as (
    select
        metric_codes,
        places,
        min_by(control_id, (distance, control_id)) as control_id,
        list_sort(list(distinct control_id)) as control_ids
    from promised
    group by all
)

select
    {{ finding_key('found.finding_code', 'found.entity', 'found.cause') }} as finding_key,
    found.finding_code,
    found.severity,
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
    found.area,
    found.word,
    found.right_type,
    coalesce(concerned.control_ids, []) as control_ids
from found
left join concerned on found.metric_codes = concerned.metric_codes and found.places is not distinct from concerned.places
