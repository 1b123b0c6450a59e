-- First decisions and first questions of each person and purpose, with the months that count them: the question's, the
-- decision's, and that of whichever came first (met). A question after the first decision is about something else and is left
-- out. Incremental by subject_key: recomputes the first contacts of changed subjects.
{%- if not execute %}
-- depends_on: {{ ref('int_subjects__changed') }} {{ ref('int_consents__recomputed') }} {{ ref('stg_consents__events') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={
        'changed_keys': {'int_subjects__changed': ['subject_key']},
        'inserted_rows_of': ['fct_consents'],
        'compression': 'uncompressed',
    },
) }}

with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

first_decisions as (
    select subject_key, purpose_code, source, valid_from as decided_at, event_type = 'given' as is_given, event_type = 'refused' as is_refused
    from {{ ref('fct_consents') }}
    {{ only_changed('int_subjects__changed', ['subject_key']) }}
    where is_first_decision
),

first_questions as (
    select subject_key, purpose_code, min(occurred_at) as shown_at, arg_min(source, (occurred_at, event_id)) as source
    from {{ ref('int_consents__recomputed' if is_incremental_build() else 'stg_consents__events') }} as events
    where event_type = 'shown' and {{ has_happened('events') }}
    group by subject_key, purpose_code
),

units as (
    select
        first_decisions.subject_key,
        first_decisions.purpose_code,
        first_decisions.source,
        first_decisions.decided_at,
        null::timestamptz as shown_at,
        case when first_questions.shown_at is null then first_decisions.decided_at end as met_at,
        first_decisions.is_given,
        first_decisions.is_refused,
    from first_decisions
    left join first_questions
        on first_decisions.subject_key = first_questions.subject_key and first_decisions.purpose_code = first_questions.purpose_code and first_questions.shown_at <= first_decisions.decided_at
    union all
    select
        first_questions.subject_key,
        first_questions.purpose_code,
        first_questions.source,
        null,
        first_questions.shown_at,
        first_questions.shown_at,
        coalesce(first_decisions.is_given, false),
        coalesce(first_decisions.is_refused, false),
    from first_questions
    left join first_decisions on first_questions.subject_key = first_decisions.subject_key and first_questions.purpose_code = first_decisions.purpose_code
    where first_decisions.decided_at is null or first_decisions.decided_at >= first_questions.shown_at
)

select
    units.subject_key,
    units.purpose_code,
    units.source,
    units.is_given,
    units.is_refused,
    date_trunc('month', timezone(instants.time_zone, units.decided_at))::date as decided_month,
    date_trunc('month', timezone(instants.time_zone, units.shown_at))::date as shown_month,
    date_trunc('month', timezone(instants.time_zone, units.met_at))::date as met_month,
from units
cross join instants
