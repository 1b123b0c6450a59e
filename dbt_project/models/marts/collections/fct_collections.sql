-- Every collection, and whether the person had been told, of categories that the pack knows, by a policy that held.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

collected as (
    select
        events.*,
        cast(timezone(instants.time_zone, events.occurred_at) as date) as occurred_date,
        coalesce(events.notice_shown_at, events.occurred_at) as told_at,
    from {{ ref('stg_collections__events') }} as events
    cross join instants
    where {{ has_happened('events') }}
),

registers as (
    select bool_or(present) as has_categories
    from {{ source('pack', 'registers') }}
    where register = 'data_categories'
),

-- What the pack lists on each day on which something was collected: a list a day, so that no collection is taken apart.
days as (select distinct occurred_date from collected),

listed as (
    select
        days.occurred_date,
        coalesce(list(register.data_category) filter (where register.data_category is not null), []) as categories,
    from days
    left join {{ source('pack', 'data_categories') }} as register on {{ in_force('register', 'days.occurred_date') }}
    group by days.occurred_date
),

versions as (
    {{ stretches_of_versions() }}
),

policies as (select count(*) > 0 as are_told from versions),

judged as (
    select
        collected.*,
        case
            when registers.has_categories then coalesce(list_sort(list_distinct(list_filter(
                collected.data_categories,
                lambda category: not list_contains(listed.categories, category)
            ))), [])
        end as unlisted_categories,
        case
            when collected.policy_version is null or not policies.are_told then null
            else {{ held_at('versions.stretches', 'collected.told_at') }}
        end as ok_policy_version,
    from collected
    cross join registers
    cross join policies
    left join listed on collected.occurred_date = listed.occurred_date
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
    case when notice_exemption is null then coalesce(notice_shown_at <= occurred_at, false) end as ok_notice,
    unlisted_categories,
    len(unlisted_categories) = 0 as ok_categories,
    ok_policy_version,
    batch_id,
    row_number,
from judged
