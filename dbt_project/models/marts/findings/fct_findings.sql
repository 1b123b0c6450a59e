-- The worklist: every finding with its severity, the control that it counts against, and its landed row. Incremental by entity:
-- recomputes the findings of changed entities, and all of those that are no disclosures.
{%- if not execute %}
-- depends_on: {{ ref('int_findings__changed') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_findings__changed': ['entity']}},
) }}
with
instants as (select (as_of at time zone time_zone)::date as as_of_date from {{ source('run', 'run_instants') }}),

catalogue as (select * from {{ ref('finding_catalogue') }}),

batches as (select batch_id, landed_at from {{ source('landing', 'batches') }}),

findings as (
    select *, entity as cause, ['right_type=' || right_type, 'channel=' || channel] as places
    from {{ ref('int_findings__requests_traced') }}
    union all by name
    select *
    from {{ ref('int_findings__facts_traced') }}
    {{ only_changed_findings() }}
    union all by name
    select * from {{ ref('int_findings__rows') }}
    union all by name
    select * from {{ ref('int_findings__deliveries') }}
    union all by name
    select * from {{ ref('int_findings__packs') }}
),

findings_with_severity as (
    select
        findings.* exclude (metric_code, first_seen_at),
        coalesce(findings.metric_code, nullif(catalogue.metric_code, 'evidence')) as metric_codes,
        coalesce(findings.first_seen_at, batches.landed_at) as first_seen_at,
        {{ cause_of_finding('catalogue.caused_by', 'findings') }} as group_cause,
        catalogue.severity,
        catalogue.area,
        catalogue.word,
    from findings
    inner join catalogue on findings.finding_code = catalogue.finding_code
    left join batches on findings.batch_id = batches.batch_id
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

kinds as (select distinct metric_codes, places from findings_with_severity where metric_codes is not null),

-- Of several metrics the first that a control promises. A finding with the place all=none concerns no control of the whole.
promised_controls as (
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

concerned_controls as (
    select
        metric_codes,
        places,
        min_by(control_id, (distance, control_id)) as control_id,
        list_sort(list(distinct control_id)) as control_ids
    from promised_controls
    group by all
)

select
    {{ finding_key('findings_with_severity.finding_code', 'findings_with_severity.entity', 'findings_with_severity.cause') }} as finding_key,
    findings_with_severity.finding_code,
    findings_with_severity.severity,
    concerned_controls.control_id,
    findings_with_severity.subject_key,
    findings_with_severity.entity,
    findings_with_severity.occurred_at,
    findings_with_severity.first_seen_at,
    findings_with_severity.detail,
    findings_with_severity.source,
    findings_with_severity.event_id,
    findings_with_severity.batch_id,
    findings_with_severity.row_number,
    findings_with_severity.area,
    findings_with_severity.word,
    findings_with_severity.right_type,
    coalesce(concerned_controls.control_ids, []) as control_ids,
    {{ group_key('findings_with_severity.finding_code', 'findings_with_severity.group_cause') }} as group_key,
    findings_with_severity.group_cause as cause
from findings_with_severity
left join concerned_controls on findings_with_severity.metric_codes = concerned_controls.metric_codes and findings_with_severity.places is not distinct from concerned_controls.places
