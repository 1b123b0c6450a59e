-- The collections that an incremental build recomputes: those that changed, those that name a version of the policy that changed, and
-- those with a notice around the instant at which the policy began, where that moved. Nothing else about a person changes them. Empty
-- in a full refresh, which reads all of them where they landed.
select *
from (
    {{ changed_events('collections') }}
    union by name
    select events.*
    from {{ ref('stg_collections__events') }} as events
    inner join (
        select *
        from {{ ref('int_policies__changed') }}
        where versions <> [] or has_versions <> had_versions or began_at is distinct from old_began_at
    ) as policies
        on
            list_contains(policies.versions, events.policy_version)
            or (
                events.policy_version is not null
                and (policies.has_versions <> policies.had_versions or (policies.began_at is null) <> (policies.old_began_at is null))
            )
            or {{ shown_under_a_policy('events.notice_shown_at', 'policies.began_at') }}
            <> {{ shown_under_a_policy('events.notice_shown_at', 'policies.old_began_at') }}
)
{% if is_full_refresh() %}where false{% endif %}
