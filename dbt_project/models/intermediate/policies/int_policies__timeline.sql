-- The life of each version of the policy by as_of. Any event makes a version: one that took effect without a publication is a
-- version as well, because a person may have agreed to it.
with
events as (
    select
        events.*,
        list_position({{ text_list(contract_codes('policies', 'event_type')) }}, events.event_type) as place_in_list,
    from {{ ref('stg_policies__events') }} as events
    where {{ has_happened('events') }}
),

-- The landed row of a version: its first `published`, else its first event.
leading_events as (
    select *
    from events
    qualify row_number() over (
        partition by namespace, policy_version
        order by event_type <> 'published', occurred_at, place_in_list, event_id
    ) = 1
),

-- The first event of each type counts.
first_instants as (
    select
        namespace,
        policy_version,
        min(occurred_at) filter (where event_type = 'published') as published_at,
        min(occurred_at) filter (where event_type = 'effective') as effective_at,
        min(occurred_at) filter (where event_type = 'superseded') as superseded_at,
        min(occurred_at) filter (where event_type = 'change_notified') as change_notified_at,
    from events
    group by namespace, policy_version
),

-- People are often notified in several waves, which add up. The audience is one number, the largest that was stated, so that no
-- smaller one improves a coverage. A notice precedes a version if it was sent strictly before the version took effect; all notices
-- precede a version that has not taken effect.
notices as (
    select
        events.namespace,
        events.policy_version,
        max(events.audience_size) as audience_size,
        cast(sum(events.notified_count) as bigint) as notified_count,
        cast(
            coalesce(sum(events.notified_count) filter (
                where first_instants.effective_at is null or events.occurred_at < first_instants.effective_at
            ), 0) as bigint
        ) as sent_before_effective,
    from events
    inner join first_instants on events.namespace = first_instants.namespace and events.policy_version = first_instants.policy_version
    where events.event_type in {{ known_codes(event_types('policies', 'notice')) }}
    group by events.namespace, events.policy_version
),

-- The date printed in the policy, from its publication, else from the first event with one.
printed_dates as (
    select namespace, policy_version, last_updated_shown
    from events
    where last_updated_shown is not null
    qualify row_number() over (
        partition by namespace, policy_version
        order by event_type <> 'published', occurred_at, place_in_list, event_id
    ) = 1
)

select
    leading_events.namespace,
    leading_events.policy_version,
    first_instants.published_at,
    first_instants.effective_at,
    first_instants.superseded_at,
    first_instants.change_notified_at,
    case when leading_events.event_type = 'published' then leading_events.material end as material,
    notices.audience_size,
    coalesce(notices.notified_count, 0) as notified_count,
    coalesce(notices.sent_before_effective, 0) as sent_before_effective,
    printed_dates.last_updated_shown,
    leading_events.source,
    leading_events.event_id,
    leading_events.batch_id,
    leading_events.row_number,
from leading_events
inner join first_instants on leading_events.namespace = first_instants.namespace and leading_events.policy_version = first_instants.policy_version
left join notices on leading_events.namespace = notices.namespace and leading_events.policy_version = notices.policy_version
left join printed_dates on leading_events.namespace = printed_dates.namespace and leading_events.policy_version = printed_dates.policy_version
