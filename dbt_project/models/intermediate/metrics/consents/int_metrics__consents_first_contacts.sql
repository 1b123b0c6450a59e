-- First decisions and first questions, with the months that place them: whoever was asked is placed by the question, whoever
-- decided by the decision, and everybody once by whichever came first (met). A question that came after the person had decided
-- asks for something else and is left out. Kept from build to build; whoever is touched is placed anew.
{{ config(
    materialized='incremental',
    pre_hook=["{{ delete_changed('int_subjects__changed', ['subject_key']) }}", force_compression('uncompressed')],
    post_hook=force_compression('auto'),
) }}

with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

decided as (
    select subject_key, purpose_code, source, valid_from as decided_at, event_type = 'given' as is_given, event_type = 'refused' as is_refused
    from {{ ref('fct_consents') }}
    {{ only_changed('int_subjects__changed', ['subject_key']) }}
    where is_first_decision
),

asked as (
    select subject_key, purpose_code, min(occurred_at) as shown_at, arg_min(source, (occurred_at, event_id)) as source
    from {{ ref('stg_consents__events') }} as events
    {{ only_changed('int_subjects__changed', ['subject_key']) }}
    where event_type = 'shown' and {{ has_happened('events') }}
    group by subject_key, purpose_code
),

units as (
    select
        decided.subject_key,
        decided.purpose_code,
        decided.source,
        decided.decided_at,
        null::timestamptz as shown_at,
        case when asked.shown_at is null then decided.decided_at end as met_at,
        decided.is_given,
        decided.is_refused,
    from decided
    left join asked
        on decided.subject_key = asked.subject_key and decided.purpose_code = asked.purpose_code and asked.shown_at <= decided.decided_at
    union all
    select
        asked.subject_key,
        asked.purpose_code,
        asked.source,
        null,
        asked.shown_at,
        asked.shown_at,
        coalesce(decided.is_given, false),
        coalesce(decided.is_refused, false),
    from asked
    left join decided on asked.subject_key = decided.subject_key and asked.purpose_code = decided.purpose_code
    where decided.decided_at is null or decided.decided_at >= asked.shown_at
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
