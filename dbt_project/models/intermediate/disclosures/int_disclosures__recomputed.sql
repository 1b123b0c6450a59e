-- The disclosures that an incremental build recomputes, with all their columns because many models read them: those that changed, those
-- of changed persons, and those of which the person was notified around the instant at which the policy began, where that moved. Empty
-- in a full refresh, which reads all of them where they landed.
select *
from (
    {{ recomputed_events('disclosures') }}
    union by name
    select events.*
    from {{ ref('stg_disclosures__events') }} as events
    inner join (
        select * from {{ ref('int_policies__changed') }} where began_at is distinct from old_began_at
    ) as policies
        on
            {{ shown_under_a_policy('events.disclosed_to_subject_at', 'policies.began_at') }}
            <> {{ shown_under_a_policy('events.disclosed_to_subject_at', 'policies.old_began_at') }}
)
{% if is_full_refresh() %}where false{% endif %}
