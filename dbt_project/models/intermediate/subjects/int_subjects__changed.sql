-- Changed keys: every identifier of each person all of whose consents may differ from the previous build, and from which instant on
-- what was disclosed or done may. A decision, a request or a link of the person landed or came due, or a consent of the person ended,
-- a version of the policy changed that the person had consented under, or a withdrawal's deadline passed since, or a collection that
-- may end a stop of the person landed or came due. Of a person who made a request everything may differ: a decision may end a stop.
-- What was disclosed, collected or done of late changes nothing else (int_disclosures__changed, int_collections__changed,
-- int_processing__changed). A request that binds since its due date changes only what occurs after it, which is new or came due itself.
-- Links only add identifiers to a person here: after a corrected link the build is a full refresh. Empty in a full refresh.
with
state as (select as_of from {{ source('run', 'build_state') }}),

instants as (select as_of from {{ source('run', 'run_instants') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

changed_requests as (
    {{ changed_rows('requests', ['subject_key']) }}
),

changed_consents as (
    {{ changed_rows('consents', ['subject_key', 'occurred_at']) }}
),

links as (
    {{ changed_rows('subject_links', ['subject_key', 'other_key']) }}
),

-- Collecting from the person again ends a stop (int_stops__purposes); nobody has one who made no request. Read where requests
-- landed: what is made of their facts does not affect the facts of consents.
changed_collections as (
    {{ changed_rows('collections', ['subject_key']) }}
),

requesting_persons as (
    select distinct {{ person_key_of('requests.subject_key', 'persons') }} as person_key
    from {{ source('landing', 'requests') }} as requests
    left join persons on requests.subject_key = persons.subject_key
    where requests.subject_key is not null
),

collected_from_requesting_persons as (
    select collections.subject_key
    from changed_collections as collections
    left join persons on collections.subject_key = persons.subject_key
    inner join requesting_persons on {{ person_key_of('collections.subject_key', 'persons') }} = requesting_persons.person_key
),

-- A row of a request without a subject concerns the subject of another row of that request.
requesters as (
    select subject_key
    from {{ source('landing', 'requests') }}
    semi join {{ ref('int_requests__changed') }} using (namespace, request_id)
),

-- Persons with a withdrawal by request that took effect since, or whose recording fell due since.
withdrawing_subjects as (
    select subject_key
    from {{ ref('int_consents__ended_by_request') }}
    where
        ended_at > (select as_of from state)
        or (record_by > (select as_of from state) and record_by <= (select as_of from instants))
),

previous_decisions as (
    {{ previous_rows('int_consents__decisions', {
        'subject_key': 'varchar', 'purpose_code': 'varchar', 'occurred_at': 'timestamptz', 'is_consent': 'boolean',
    }) }}
),

-- Between these, a decision may lapse since: few are looked up among the purposes.
bounds as (
    select
        {{ hours_after('(select as_of from state)', '-24 * max(consent_valid_days)') }} as decided_after,
        {{ hours_after('(select as_of from instants)', '-24 * min(consent_valid_days)') }} as decided_until,
    from {{ ref('int_consents__purposes') }}
),

lapsing_consents as (
    select previous_decisions.subject_key, {{ consent_lapses_at('previous_decisions', 'purposes') }} as lapses_at
    from (
        select previous_decisions.*
        from previous_decisions
        inner join bounds on previous_decisions.occurred_at > bounds.decided_after and previous_decisions.occurred_at <= bounds.decided_until
    ) as previous_decisions
    inner join {{ ref('int_consents__purposes') }} as purposes on {{ consented_under('previous_decisions', 'purposes') }}
    where
        {{ consent_lapses_at('previous_decisions', 'purposes') }} > (select as_of from state)
        and {{ consent_lapses_at('previous_decisions', 'purposes') }} <= (select as_of from instants)
),

previous_withdrawals as (
    {{ previous_rows('fct_withdrawal_systems', {
        'subject_key': 'varchar', 'status': 'varchar', 'confirm_by': 'timestamptz',
    }) }}
),

-- Read apart from the decisions above: DuckDB would keep a copy of all, and mostly no version changed.
consenting_under_changed_version as (
    select subject_key
    from ({{ previous_rows('int_consents__decisions', {'subject_key': 'varchar', 'policy_version': 'varchar'}) }}) as decisions
    where policy_version in (select unnest(versions) from {{ ref('int_policies__changed') }})
),

-- An earlier decision changes nothing of what occurred before it; what waits for a confirmation nothing but the withdrawal.
changed_subjects as (
    select subject_key, occurred_at as changed_from from changed_consents
    union all
    select subject_key, lapses_at from lapsing_consents
    union all
    select subject_key, timestamptz 'infinity'
    from previous_withdrawals
    where status = 'pending' and confirm_by <= (select as_of from instants)
    union all
    select subject_key, timestamptz '-infinity'
    from (
        select subject_key from changed_requests
        union all
        select unnest([subject_key, other_key]) from links
        union all
        select subject_key from requesters
        union all
        select subject_key from collected_from_requesting_persons
        union all
        select subject_key from withdrawing_subjects
        union all
        select subject_key from consenting_under_changed_version
    )
),

changed_persons as (
    select {{ person_key_of('changed_subjects.subject_key', 'persons') }} as person_key, min(changed_subjects.changed_from) as changed_from
    from changed_subjects
    left join persons on changed_subjects.subject_key = persons.subject_key
    where changed_subjects.subject_key is not null
    group by all
)

select
    coalesce(persons.subject_key, changed_persons.person_key) as subject_key,
    if(requesting_persons.person_key is null, changed_persons.changed_from, timestamptz '-infinity') as changed_from,
from changed_persons
left join persons on changed_persons.person_key = persons.person_key
left join requesting_persons on changed_persons.person_key = requesting_persons.person_key
{% if is_full_refresh() %}where false{% endif %}
