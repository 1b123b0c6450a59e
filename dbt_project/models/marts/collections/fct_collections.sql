-- Every collection, and whether the person had been told, of categories that the pack knows, by a policy that held.
-- Kept from build to build; whoever is touched is judged anew.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_changed('int_subjects__changed', ['subject_key']) }}",
) }}

with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

collected as (
    select
        events.*,
        cast(timezone(instants.time_zone, events.occurred_at) as date) as occurred_date,
        coalesce(events.notice_shown_at, events.occurred_at) as told_at,
    from {{ ref('stg_collections__events') }} as events
    {{ only_changed('int_subjects__changed', ['subject_key']) }}
    cross join instants
    where {{ has_happened('events') }}
),

-- What the pack lists on each day on which something was collected: a list a day, so that no collection is taken apart.
listed as (
    {{ listed_categories('collected') }}
),

declared as (
    {{ purposes_on('collected') }}
),

versions as (select * from {{ ref('int_policies__intervals') }}),

policies as (
    select
        (select count(*) from versions) > 0 as are_told,
        {{ first_in_force('versions') }} as began_at,
),

judged as (
    select
        collected.*,
        declared.is_declared,
        {{ unlisted_among('collected.data_categories', 'listed.categories') }} as unlisted_categories,
        case
            when collected.policy_version is null or not policies.are_told then null
            else {{ was_in_force_at('versions.stretches', 'collected.told_at') }}
        end as ok_policy_version,
        -- A notice of no policy that held when it was shown is none.
        collected.notice_shown_at <= collected.occurred_at
        and {{ shown_under_a_policy('collected.notice_shown_at', 'policies.began_at') }}
        and (policies.began_at is null or coalesce(ok_policy_version, true)) as is_notified,
    from collected
    cross join policies
    left join listed on collected.occurred_date = listed.occurred_date
    left join declared on collected.occurred_date = declared.occurred_date and collected.purpose_code = declared.purpose_code
    left join versions on collected.policy_version = versions.policy_version
)

select
    namespace,
    event_id,
    source,
    subject_key,
    subject_ref_type,
    occurred_at,
    occurred_date,
    collection_type,
    feature,
    data_categories,
    purpose_code,
    jurisdiction,
    notice_shown_at,
    notice_id,
    policy_version,
    notice_exemption,
    case when notice_exemption is null then coalesce(is_notified, false) end as ok_notice,
    is_declared as ok_purpose,
    unlisted_categories,
    len(unlisted_categories) = 0 as ok_categories,
    ok_policy_version,
    batch_id,
    row_number,
from judged
