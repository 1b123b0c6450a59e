-- What had happened to each version of the policy by as_of. A version is known as soon as anything is told of it: one that
-- took effect without having been published is a version all the same, and somebody may have agreed to it.
with
events as (
    select
        events.*,
        list_position(['published', 'effective', 'change_notified', 'superseded'], events.event_type) as place_in_list,
    from {{ ref('stg_policies__events') }} as events
    where {{ has_happened('events') }}
),

-- The row that a version leads back to: its first `published`, else the first that tells of it.
told as (
    select *
    from events
    qualify row_number() over (
        partition by namespace, policy_version
        order by event_type <> 'published', occurred_at, place_in_list, event_id
    ) = 1
),

-- Each thing happens when it happens first.
happened as (
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

-- People are often told in several waves: those who were told add up. The audience is one, and the largest that was stated
-- stands, so that no smaller statement improves a coverage. What was sent before a version took effect is what was sent
-- strictly before; one that has not taken effect has had all its notices before.
notified as (
    select
        events.namespace,
        events.policy_version,
        max(events.audience_size) as audience_size,
        cast(sum(events.notified_count) as bigint) as notified_count,
        cast(
            coalesce(sum(events.notified_count) filter (
                where happened.effective_at is null or events.occurred_at < happened.effective_at
            ), 0) as bigint
        ) as sent_before_effective,
    from events
    inner join happened on events.namespace = happened.namespace and events.policy_version = happened.policy_version
    where events.event_type = 'change_notified'
    group by events.namespace, events.policy_version
),

-- The date that is printed in the policy, as its publication says; else as the first event does that says one.
printed as (
    select namespace, policy_version, last_updated_shown
    from events
    where last_updated_shown is not null
    qualify row_number() over (
        partition by namespace, policy_version
        order by event_type <> 'published', occurred_at, place_in_list, event_id
    ) = 1
)

select
    told.namespace,
    told.policy_version,
    happened.published_at,
    happened.effective_at,
    happened.superseded_at,
    happened.change_notified_at,
    case when told.event_type = 'published' then told.material end as material,
    notified.audience_size,
    coalesce(notified.notified_count, 0) as notified_count,
    coalesce(notified.sent_before_effective, 0) as sent_before_effective,
    printed.last_updated_shown,
    told.source,
    told.event_id,
    told.batch_id,
    told.row_number,
from told
inner join happened on told.namespace = happened.namespace and told.policy_version = happened.policy_version
left join notified on told.namespace = notified.namespace and told.policy_version = notified.policy_version
left join printed on told.namespace = printed.namespace and told.policy_version = printed.policy_version
