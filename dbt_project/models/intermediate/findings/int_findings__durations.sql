-- Lasting findings, from the instant at which the condition began to the instant at which it ended, those that ended included.
-- Entity and cause are those of the worklist, so that the keys are the same.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

requests as (select * from {{ ref('fct_requests') }}),

records as (select * from {{ ref('fct_records') }}),

-- A request that left the population after its due date was overdue until then, unless it had been answered in time.
overdue_requests as (
    select
        'overdue_open' as finding_code,
        'requests/' || request_key as entity,
        'requests/' || request_key as cause,
        coalesce(due_at, {{ day_begins('(due_date + 1)', 'time_zone') }}) as opened_at,
        least(closed_at, {{ day_begins('left_date', 'time_zone') }}) as closed_at
    from requests
    where status in ('open_overdue', 'closed_late') or (left_overdue and coalesce(if(due_at is null, closed_date > due_date, closed_at > due_at), true))
),

unacknowledged_requests as (
    select
        'acknowledgement_overdue' as finding_code,
        'requests/' || request_key as entity,
        'requests/' || request_key as cause,
        {{ day_begins('(ack_due_date + 1)', 'time_zone') }} as opened_at,
        {{ day_begins('acknowledged_date', 'time_zone') }} as closed_at
    from requests
    where ack_status in ('open_overdue', 'late') and status <> 'excluded'
),

over_retained as (
    select
        'over_retained' as finding_code,
        'retention/' || records.record_key as entity,
        'retention/' || records.record_key || '|' as cause,
        {{ day_begins('(records.delete_by + 1)', 'instants.time_zone') }} as opened_at,
        records.deleted_at as closed_at
    from records
    cross join instants
    where records.status in ('over_retained', 'deleted_late')
),

unscheduled_records as (
    select
        'unscheduled' as finding_code,
        'retention/' || record_key as entity,
        'retention/' || record_key || '|' as cause,
        created_at as opened_at,
        if(is_alive, null, greatest(created_at, deleted_at)) as closed_at
    from records
    where status = 'unscheduled'
),

{% for code, due_at, notified_at, where in [
    ('authority_not_told', 'authority_due_at', 'authority_notified_at', "status in ('open_overdue', 'late') or assessed_overdue"),
    ('persons_not_notified', 'persons_due_at', 'subjects_notified_at',
     "persons_status in ('open_overdue', 'late') or coalesce(persons_doubt = 'assessed_overdue', false)"),
] -%}
{{ code }} as (
    select
        '{{ code }}' as finding_code,
        'incidents/' || namespace || '/' || incident_id as entity,
        'incidents/' || namespace || '/' || incident_id || '|' as cause,
        {{ due_at }} as opened_at,
        least({{ notified_at }}, assessed_no_risk_at) as closed_at
    from {{ ref('fct_incidents') }}
    where {{ where }}
),

{% endfor -%}
-- The wait for the system ends when the person consents again.
unconfirmed_withdrawals as (
    select
        'withdrawal_unconfirmed' as finding_code,
        coalesce('requests/' || request_key, 'consents/' || namespace || '/' || event_id) as entity,
        entity || '|' || if(request_key is null, system, purpose_code || '|' || system) as cause,
        confirm_by as opened_at,
        greatest(confirm_by, coalesce(applied_at, consented_again_at)) as closed_at,
        applied_at is null and consented_again_at is null as is_open
    from {{ ref('fct_withdrawal_systems') }}
    where not in_time
),

unprovable_consents as (
    select
        'consent_not_provable' as finding_code,
        'consents/' || namespace || '/' || event_id as entity,
        'consents/' || namespace || '/' || event_id || '|' as cause,
        valid_from as opened_at,
        valid_to as closed_at
    from {{ ref('fct_consents') }}
    where state = 'active' and not provable
),

-- The withdrawal stays unrecorded until the consent log decides anything.
unrecorded_withdrawals as (
    select
        'withdrawal_not_recorded' as finding_code,
        'requests/' || request_key as entity,
        'requests/' || request_key || '|' || purpose_code as cause,
        record_by as opened_at,
        recorded_at as closed_at
    from {{ ref('int_consents__ended_by_request') }}
    where not recorded_in_time
)

select * from overdue_requests
union all
select * from unrecorded_withdrawals
union all
select * from unacknowledged_requests
union all
select * from over_retained
union all
select * from unscheduled_records
union all
select * from authority_not_told
union all
select * from persons_not_notified
union all
select * exclude (closed_at, is_open), if(is_open, null, closed_at) as closed_at from unconfirmed_withdrawals
union all
select * from unprovable_consents
