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

lasting_findings as (
    select
        {{ finding_key('finding_code', 'entity', 'cause') }} as finding_key,
        finding_code,
        entity,
        opened_at,
        closed_at
    from {{ ref('int_findings__durations') }}
    {{ only_changed('int_findings__changed', ['entity']) }}
    union all
    select
        findings.finding_key,
        findings.finding_code,
        findings.entity,
        coalesce(erasures.opened_at, findings.occurred_at),
        null
    from {{ ref('fct_findings') }} as findings
    inner join catalogue on findings.finding_code = catalogue.finding_code
    left join {{ ref('int_findings__erasures_opened') }} as erasures on findings.entity = 'erasures/' || erasures.request_key
    {{ only_changed('int_findings__changed', ['entity']) }}
    where catalogue.closes in ('never', 'unseen')
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
