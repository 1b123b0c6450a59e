-- The consent of each person to each purpose over time: one interval per decision, and one more where consent lapsed. A
-- request that ended a consent begins an interval too. Incremental by subject_key: recomputes the intervals of changed
-- subjects.
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_subjects__changed': ['subject_key']}, 'inserted_rows_of': ['int_consents__decisions']},
) }}

with
instants as (select as_of from {{ source('run', 'run_instants') }}),

decisions as (
    select *
    from {{ ref('int_consents__decisions') }}
    {{ only_changed('int_subjects__changed', ['subject_key']) }}
),

purposes as (select * from {{ ref('int_consents__purposes') }}),

versions as (select * from {{ ref('int_policies__intervals') }}),

ended_by_request as (select * from {{ ref('int_consents__ended_by_request') }}),

decisions_with_limit as (
    select
        decisions.*,
        {{ consent_lapses_at('decisions', 'purposes') }} as limit_at,
    from decisions
    left join purposes on {{ consented_under('decisions', 'purposes') }}
),

-- A lapse counts from its instant on, and a decision at or before it ends the interval instead.
decisions_with_lapse as (
    select
        decisions_with_limit.*,
        case
            when decisions_with_limit.limit_at <= instants.as_of and decisions_with_limit.limit_at < coalesce(decisions_with_limit.next_decision_at, timestamptz 'infinity')
                then decisions_with_limit.limit_at
        end as lapsed_at,
        case
            when decisions_with_limit.is_consent
                then {{ was_in_force_at('versions.intervals', 'decisions_with_limit.occurred_at') }}
        end as version_was_in_force,
        case when decisions_with_limit.is_consent then version_was_in_force and decisions_with_limit.notice_id is not null end as is_provable,
    from decisions_with_limit
    cross join instants
    left join versions on decisions_with_limit.policy_version = versions.policy_version
),

-- A consent that lapsed has two intervals: while it was active, and from the lapse on.
intervals as (
    select *, unnest(case when lapsed_at is null then [false] else [false, true] end) as lapsed
    from decisions_with_lapse
)

select
    intervals.subject_key,
    intervals.purpose_code,
    case when lapsed then 'expired' when is_consent then 'active' else event_type end as state,
    case when lapsed then lapsed_at else occurred_at end as valid_from,
    case when lapsed then next_decision_at else coalesce(lapsed_at, next_decision_at) end as valid_to,
    lapsed,
    case when not lapsed then is_provable end as provable,
    mechanism,
    intervals.jurisdiction,
    policy_version,
    notice_id,
    intervals.source,
    intervals.namespace,
    intervals.event_id,
    intervals.batch_id,
    intervals.row_number,
    -- Beyond the published minimum.
    event_type,
    is_first and not lapsed as is_first_decision,
    evidence_ref,
    case
        when not lapsed and lapsed_at is not null then 'lapse'
        when next_is_request then 'request'
        when next_decision_at is not null then 'decision'
    end as ended_by,
    is_withdrawal and not lapsed as is_withdrawal,
    request_key,
    case when not lapsed then version_was_in_force end as version_in_force,
    ended_by_request.record_by,
    ended_by_request.recorded_in_time,
from intervals
left join ended_by_request using (request_key, purpose_code)
