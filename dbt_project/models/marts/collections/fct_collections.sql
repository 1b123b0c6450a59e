-- Every collection: whether the person was notified, its categories are listed in the pack, and its policy version was in
-- force. Incremental by event.
{%- if not execute %}
-- depends_on: {{ ref('int_collections__changed') }} {{ ref('int_collections__recomputed') }} {{ ref('stg_collections__events') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_collections__changed': ['namespace', 'event_id']}},
) }}

with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

collections as (
    select
        events.*,
        cast(timezone(instants.time_zone, events.occurred_at) as date) as occurred_date,
        coalesce(events.notice_shown_at, events.occurred_at) as notice_at,
    from {{ ref('int_collections__recomputed' if is_incremental_build() else 'stg_collections__events') }} as events
    cross join instants
    where {{ has_happened('events') }}
),

-- What the pack lists on each day on which something was collected: a list a day, so that no collection is taken apart.
listed_categories as (
    {{ listed_categories('collections') }}
),

declared_purposes as (
    {{ purposes_on('collections') }}
),

versions as (select * from {{ ref('int_policies__intervals') }}),

policies as (
    select
        (select count(*) from versions) > 0 as has_versions,
        {{ first_in_force('versions') }} as began_at,
),

collections_with_checks as (
    select
        collections.*,
        declared_purposes.is_declared,
        {{ unlisted_among('collections.data_categories', 'listed_categories.categories') }} as unlisted_categories,
        case
            when collections.policy_version is null or not policies.has_versions then null
            else {{ was_in_force_at('versions.intervals', 'collections.notice_at') }}
        end as ok_policy_version,
        -- A notice of no policy that held when it was shown is none.
        collections.notice_shown_at <= collections.occurred_at
        and {{ shown_under_a_policy('collections.notice_shown_at', 'policies.began_at') }}
        and (policies.began_at is null or coalesce(ok_policy_version, true)) as is_notified,
    from collections
    cross join policies
    left join listed_categories on collections.occurred_date = listed_categories.occurred_date
    left join declared_purposes on collections.occurred_date = declared_purposes.occurred_date and collections.purpose_code = declared_purposes.purpose_code
    left join versions on collections.policy_version = versions.policy_version
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
from collections_with_checks
