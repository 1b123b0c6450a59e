-- What stands in the log `remediations` and the pack does not allow: the last assignment of a group to an owner that it does not list,
-- and an acceptance in force for longer than it allows. One row per severity that the findings of the group may have; fct_findings
-- keeps that of a group that has cases.
with
instants as (select (as_of at time zone time_zone)::date as as_of_date from {{ source('run', 'run_instants') }}),

limits as (
    {{ acceptance_limits() }}
),

acts as (
    {{ acts_in_order() }}
),

last_places as (
    select
        group_key,
        max(place) filter (event_type in {{ known_codes(event_types('remediations', 'assignment')) }}) as assigned_place,
        max(place) filter (event_type in {{ known_codes(event_types('remediations', 'acceptance')) }}) as accepted_place,
        max(place) filter (
            event_type in {{ known_codes(event_types('remediations', 'resolution') + event_types('remediations', 'reopening')) }}
        ) as ended_place
    from acts
    group by group_key
),

unlisted_owners as (
    select
        'owner_not_listed' as finding_code,
        acts.*,
        limits.severity,
        to_json({owner: acts.owner, role: acts.role, group_key: acts.group_key, due_date: acts.due_date})::varchar as detail,
    from acts
    inner join last_places on acts.group_key = last_places.group_key and acts.place = last_places.assigned_place
    cross join limits
    where acts.owner_is_listed is false
),

-- An acceptance has an effect for as long as the pack allows at most, whatever date it states.
long_acceptances as (
    select
        'acceptance_too_long' as finding_code,
        acts.*,
        limits.severity,
        to_json({
            role: acts.role, group_key: acts.group_key, accepted_until: acts.accepted_until, allowed_until: acts.occurred_date + limits.days
        })::varchar as detail,
    from acts
    inner join last_places
        on
            acts.group_key = last_places.group_key
            and acts.place = last_places.accepted_place
            and last_places.accepted_place > coalesce(last_places.ended_place, 0)
    cross join limits
    cross join instants
    where
        acts.accepted_until > acts.occurred_date + limits.days
        and acts.occurred_date + limits.days >= instants.as_of_date
)

select
    findings.finding_code,
    'remediations/' || findings.namespace || '/' || findings.event_id as entity,
    'remediations/' || findings.namespace || '/' || findings.event_id as cause,
    findings.occurred_at,
    findings.detail,
    ['severity=' || findings.severity] as places,
    findings.group_key as group_of_act,
    findings.severity as severity_of_group,
    findings.source,
    findings.event_id,
    findings.batch_id,
    findings.row_number,
from (from unlisted_owners union all by name from long_acceptances) as findings
