-- The worklist: every finding with its severity, the control that it counts against, and its landed row. Incremental by entity.
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
    select *
    from {{ ref('int_findings__facts_traced') }}
    union all by name
    select *
    from {{ ref('int_findings__others') }}
    {{ only_changed('int_findings__changed', ['entity']) }}
),

findings_with_severity as (
    select
        findings.* exclude (metric_code, first_seen_at),
        coalesce(findings.metric_code, nullif(catalogue.metric_code, 'evidence')) as metric_codes,
        coalesce(findings.first_seen_at, batches.landed_at) as first_seen_at,
        {{ cause_of_finding('catalogue.caused_by', 'findings') }} as group_cause,
        {{ group_key('findings.finding_code', 'group_cause') }} as group_key,
        catalogue.severity,
        catalogue.area,
        catalogue.word,
    from findings
    inner join catalogue on findings.finding_code = catalogue.finding_code
    left join batches on findings.batch_id = batches.batch_id
),

-- Severities of the groups that acts with a finding are about, among what is computed here and the stored findings that stay.
severities_of_groups as (
    select group_key, severity
    from findings_with_severity
    where group_of_act is null
    union
    select group_key, severity
    from ({{ previous_rows('fct_findings', {'group_key': 'varchar', 'severity': 'varchar', 'entity': 'varchar'}) }}) as stored_findings
    where group_key in (select group_of_act from {{ ref('int_findings__remediations') }})
    {%- if is_incremental_build() %} and entity not in (select entity from {{ ref('int_findings__changed') }}){% endif %}
),

listed_findings as (
    select findings_with_severity.*
    from findings_with_severity
    left join severities_of_groups
        on
            findings_with_severity.group_of_act = severities_of_groups.group_key
            and findings_with_severity.severity_of_group = severities_of_groups.severity
    where findings_with_severity.group_of_act is null or severities_of_groups.group_key is not null
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

kinds as (select distinct metric_codes, places from listed_findings where metric_codes is not null),

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
    {{ finding_key('listed_findings.finding_code', 'listed_findings.entity', 'listed_findings.cause') }} as finding_key,
    listed_findings.finding_code,
    listed_findings.severity,
    concerned_controls.control_id,
    listed_findings.subject_key,
    listed_findings.entity,
    listed_findings.occurred_at,
    listed_findings.first_seen_at,
    listed_findings.detail,
    listed_findings.source,
    listed_findings.event_id,
    listed_findings.batch_id,
    listed_findings.row_number,
    listed_findings.area,
    listed_findings.word,
    listed_findings.right_type,
    coalesce(concerned_controls.control_ids, []) as control_ids,
    listed_findings.group_key,
    listed_findings.group_cause as cause
from listed_findings
left join concerned_controls on listed_findings.metric_codes = concerned_controls.metric_codes and listed_findings.places is not distinct from concerned_controls.places
