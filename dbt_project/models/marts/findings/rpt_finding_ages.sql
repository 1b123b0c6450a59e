-- The interval in which each finding was open, as known now. A lasting finding ends with its facts and stays here; a single
-- event, or a finding that leaves the worklist without a record of its correction, has no end. A finding that only records how
-- another one ended (answered late, deleted late) is the end of that one and has no row. Incremental by entity, as fct_findings is.
{%- if not execute %}
-- depends_on: {{ ref('int_findings__changed') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_findings__changed': ['entity']}, 'inserted_rows_of': ['fct_findings']},
) }}
with
instants as (select as_of, time_zone from {{ source('run', 'run_instants') }}),

catalogue as (select * from {{ ref('finding_catalogue') }}),

reappearances as (
    select erasures.request_key, min(if(erasures.is_recreated, records.created_at, records.reappeared_at)) as first_back_at
    from (
        select request_key, unnest(missed) as record_key, false as is_recreated
        from {{ ref('fct_erasures') }}
        union all
        select request_key, unnest(recreated) as record_key, true as is_recreated
        from {{ ref('fct_erasures') }}
    ) as erasures
    inner join {{ ref('fct_records') }} as records on erasures.record_key = records.record_key
    group by erasures.request_key
),

-- An erasure is not wrong on the day on which it is reported, but when its days of grace are over, or when the first record set
-- came back, or was created again, where nothing else was wrong with it.
erasures as (
    select
        erasures.request_key,
        if(
            erasures.missed_records + len(erasures.recreated) > 0
            and erasures.missed_records = erasures.reappeared_sets
            and len(erasures.unconfirmed_systems) = 0,
            greatest(erasures.judged_at, reappearances.first_back_at),
            erasures.judged_at
        ) as wrong_since,
    from {{ ref('fct_erasures') }} as erasures
    left join reappearances on erasures.request_key = reappearances.request_key
),

lasting_findings as (
    select
        {{ finding_key('finding_code', 'entity', 'cause') }} as finding_key,
        finding_code,
        entity,
        opened_at,
        closed_at
    from {{ ref('int_findings__durations') }}
    {{ only_changed_findings() }}
    union all
    select
        findings.finding_key,
        findings.finding_code,
        findings.entity,
        coalesce(erasures.wrong_since, findings.occurred_at),
        null
    from {{ ref('fct_findings') }} as findings
    inner join catalogue on findings.finding_code = catalogue.finding_code
    left join erasures on findings.entity = 'erasures/' || erasures.request_key
    where
        catalogue.closes in ('never', 'unseen')
        {% if not execute or is_incremental_build() -%}
        and (
            findings.area in ('evidence', 'erasures')
            or not {{ is_followed_finding('findings.entity') }}
            or findings.entity in (select changed.entity from {{ ref('int_findings__changed') }} as changed)
        )
        {%- endif %}
),

-- What is dated after as_of can't have opened then: it is as undated as what bears no date.
dated_findings as (
    select lasting_findings.* exclude (opened_at), if(lasting_findings.opened_at <= instants.as_of, lasting_findings.opened_at, null) as opened_at, instants.time_zone
    from lasting_findings
    cross join instants
)

select
    dated_findings.finding_key,
    dated_findings.finding_code,
    catalogue.severity,
    catalogue.closes,
    dated_findings.entity,
    dated_findings.opened_at,
    dated_findings.closed_at,
    timezone(dated_findings.time_zone, dated_findings.opened_at)::date as opened_date,
    timezone(dated_findings.time_zone, dated_findings.closed_at)::date as closed_date,
    catalogue.word,
from dated_findings
inner join catalogue on dated_findings.finding_code = catalogue.finding_code
