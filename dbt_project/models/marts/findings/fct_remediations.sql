-- Where each group of findings stands at as_of: what was decided last, and what became of it since.
{% set decisions = {'assigned': 'assignment', 'accepted': 'acceptance', 'resolved': 'resolution', 'reopened': 'reopening'} %}
with
instants as (
    select as_of, time_zone, (as_of at time zone time_zone)::date as as_of_date
    from {{ source('run', 'run_instants') }}
),

limits as (
    {{ acceptance_limits() }}
),

-- A case without a date may have happened as late as when it was first seen.
cases as not materialized (
    select *, coalesce(occurred_at, first_seen_at) as happened_at
    from {{ ref('fct_findings') }}
),

groups as (
    select
        group_key,
        any_value(finding_code) as finding_code,
        any_value(severity) as severity,
        any_value(cause) as cause,
        any_value(area) as area,
        any_value(word) as word,
        list_sort(list_distinct(flatten(list(distinct control_ids)))) as control_ids,
        count(*) as cases,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at,
        min(first_seen_at) as first_seen_at
    from cases
    group by group_key
),

acts as (
    {{ acts_in_order() }}
),

last_acts as (
    select
        group_key,
        {%- for name, effect in decisions.items() %}
        coalesce(max(place) filter (event_type in {{ known_codes(event_types('remediations', effect)) }}), 0) as {{ name }}_place,
        {%- endfor %}
        max(place) as last_place,
        count(*) as acts
    from acts
    group by group_key
),

{% for name in decisions %}
{{ name }} as (
    select acts.*
    from acts
    inner join last_acts on acts.group_key = last_acts.group_key and acts.place = last_acts.{{ name }}_place
),

{% endfor %}
first_new_cases as (
    select resolved.group_key, min(cases.happened_at) as happened_at
    from resolved
    inner join cases on resolved.group_key = cases.group_key and resolved.occurred_at < cases.happened_at
    group by resolved.group_key
),

-- An acceptance lasts as long as the pack allows at most, whatever date it states.
acceptances as (
    select
        accepted.*,
        least(accepted.accepted_until, accepted.occurred_date + limits.days) as ends_on,
        accepted.accepted_until > accepted.occurred_date + limits.days as is_too_long
    from accepted
    left join groups on accepted.group_key = groups.group_key
    left join limits on groups.severity = limits.severity
),

-- What holds beneath an acceptance, by the last of the other acts. A resolution or a reopening ends an acceptance.
positions as (
    select
        coalesce(groups.group_key, last_acts.group_key) as group_key,
        coalesce(groups.cases, 0) as cases,
        greatest(last_acts.assigned_place, last_acts.resolved_place, last_acts.reopened_place, 0) as place_beneath,
        case
            when place_beneath = 0 then 'unassigned'
            when place_beneath = last_acts.assigned_place then 'assigned'
            when place_beneath = last_acts.reopened_place or first_new_cases.happened_at is not null then 'reopened'
            else 'resolved'
        end as beneath,
        place_beneath > 0 and place_beneath = last_acts.resolved_place and first_new_cases.happened_at is not null as has_new_cases,
        coalesce(last_acts.accepted_place > greatest(last_acts.resolved_place, last_acts.reopened_place), false) as is_acceptance_last,
        coalesce(last_acts.accepted_place, 0) as accepted_place,
        coalesce(last_acts.last_place, 0) as last_place,
        coalesce(last_acts.acts, 0) as acts,
        first_new_cases.happened_at as new_case_at
    from groups
    full outer join last_acts on groups.group_key = last_acts.group_key
    left join first_new_cases on last_acts.group_key = first_new_cases.group_key
),

states as (
    select
        positions.*,
        case
            when positions.cases = 0 then 'resolved'
            when positions.is_acceptance_last and acceptances.ends_on >= instants.as_of_date then 'accepted'
            when positions.beneath = 'assigned' and assigned.due_date < instants.as_of_date then 'overdue'
            else positions.beneath
        end as state,
        case
            when positions.cases = 0 then 'no_case_left'
            when positions.is_acceptance_last and acceptances.ends_on < instants.as_of_date then 'acceptance_expired'
            when positions.has_new_cases and not positions.is_acceptance_last then 'new_cases'
        end as state_reason
    from positions
    cross join instants
    left join acceptances on positions.group_key = acceptances.group_key
    left join assigned on positions.group_key = assigned.group_key
)

select
    states.group_key,
    groups.finding_code,
    groups.severity,
    groups.area,
    groups.word,
    groups.cause,
    coalesce(groups.control_ids, []) as control_ids,
    states.cases,
    groups.first_at,
    groups.last_at,
    groups.first_seen_at,
    states.state,
    states.state_reason,
    states.state not in ('accepted', 'resolved') as is_open,
    assigned.owner,
    assigned.owner_is_listed,
    assigned.due_date,
    case when states.state = 'overdue' then instants.as_of_date - assigned.due_date end as overdue_days,
    case when states.is_acceptance_last then acceptances.ends_on end as accepted_until,
    case when states.is_acceptance_last then acceptances.is_too_long end as is_accepted_too_long,
    decided.note,
    decided.evidence_ref,
    decided.occurred_at as decided_at,
    decided.actor_key as decided_by,
    decided.role as decided_role,
    case when states.state_reason = 'new_cases' then states.new_case_at end as new_case_at,
    states.acts,
    last_act.event_type as last_event_type,
    last_act.occurred_at as last_event_at,
    last_act.event_id as last_event_id,
    case states.state
        when 'assigned' then {{ day_begins('(assigned.due_date + 1)', 'instants.time_zone') }}
        when 'accepted' then {{ day_begins('(acceptances.ends_on + 1)', 'instants.time_zone') }}
    end as next_change_at
from states
cross join instants
left join groups on states.group_key = groups.group_key
left join assigned on states.group_key = assigned.group_key
left join acceptances on states.group_key = acceptances.group_key
-- The act that decided the state; none where it follows from the cases or from nothing.
left join acts as decided
    on
        states.group_key = decided.group_key
        and decided.place = case when states.cases = 0 then 0 when states.state = 'accepted' then states.accepted_place else states.place_beneath end
left join acts as last_act on states.group_key = last_act.group_key and states.last_place = last_act.place
