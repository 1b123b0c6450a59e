-- The persons, by every identifier, whose facts a daily build computes again: something newly landed or newly past is told of
-- them, of a request of theirs or of a policy that they saw, or time alone has moved what they decided. Links only add to a
-- person here: where one was told otherwise, the build is a full one. Empty on a full build, where everybody is computed.
{{ config(materialized='table') }}

with
state as (select as_of from {{ source('run', 'build_state') }}),

instants as (select as_of from {{ source('run', 'run_instants') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

{% for log in ['requests', 'consents', 'disclosures', 'collections', 'processing'] %}
told_by_{{ log }} as (
    {{ changed_rows(log, ['subject_key']) }}
),
{% endfor %}

links as (
    {{ changed_rows('subject_links', ['subject_key', 'other_key']) }}
),

-- A row of a request that names nobody is about the person whom another row of it names.
requesting as (
    select subject_key
    from {{ source('landing', 'requests') }}
    semi join {{ ref('int_requests__changed') }} using (namespace, request_id)
),

-- Whoever waits for an answer about a right that binds unanswered, from the day on which it is overdue.
overdue as (
    select subject_key
    from {{ ref('int_requests__overdue') }}
    where overdue_at > (select as_of from state)
),

-- Whoever withdrew by a request for which the law sets no period, once the hours are over, and whoever waits for the consent log
-- to record such a withdrawal.
withdrawing as (
    select subject_key
    from {{ ref('int_consents__ended_by_request') }}
    where
        ended_at > (select as_of from state)
        or (record_by > (select as_of from state) and record_by <= (select as_of from instants))
),

decided as (
    {{ previous_rows('int_consents__decisions', {
        'subject_key': 'varchar', 'purpose_code': 'varchar', 'occurred_at': 'timestamptz', 'is_consent': 'boolean',
        'policy_version': 'varchar',
    }) }}
),

lapsing as (
    select decided.subject_key
    from decided
    inner join {{ ref('int_consents__purposes') }} as purposes on {{ consented_under('decided', 'purposes') }}
    where
        {{ consent_lapses_at('decided', 'purposes') }} > (select as_of from state)
        and {{ consent_lapses_at('decided', 'purposes') }} <= (select as_of from instants)
),

waiting as (
    {{ previous_rows('fct_withdrawal_systems', {
        'subject_key': 'varchar', 'status': 'varchar', 'confirm_by': 'timestamptz',
    }) }}
),

-- Versions of the policy that no longer held when they did, by name.
stretches as (
    {{ version_intervals() }}
),

old_stretches as (
    {{ previous_rows('int_policies__intervals', {
        'policy_version': 'varchar', 'stretches': 'struct(effective_at timestamptz, superseded_at timestamptz)[]',
    }) }}
),

moved_versions as (
    select coalesce(stretches.policy_version, old_stretches.policy_version) as policy_version
    from stretches
    full join old_stretches on stretches.policy_version = old_stretches.policy_version
    where stretches.stretches is distinct from old_stretches.stretches
),

-- As long as no version is told of at all nobody can say whether one held: the first one says something about every notice.
notices as (
    select
        (select count(*) from stretches) > 0 as are_told,
        (select count(*) from old_stretches) > 0 as were_told,
),

-- Before the first version was in force nobody was notified of any: where that instant moved, what was shown between the two.
beginnings as (
    select
        {{ first_in_force('stretches') }} as began_at,
        {{ first_in_force('old_stretches') }} as old_began_at,
    where began_at is distinct from old_began_at
),

notified_around_the_beginning as (
    select collections.subject_key
    from {{ source('landing', 'collections') }} as collections
    inner join beginnings
        on
            {{ shown_under_a_policy('collections.notice_shown_at', 'beginnings.began_at') }}
            <> {{ shown_under_a_policy('collections.notice_shown_at', 'beginnings.old_began_at') }}
            or (collections.policy_version is not null and (beginnings.began_at is null) <> (beginnings.old_began_at is null))
    union all
    select disclosures.subject_key
    from {{ source('landing', 'disclosures') }} as disclosures
    inner join beginnings
        on
            {{ shown_under_a_policy('disclosures.disclosed_to_subject_at', 'beginnings.began_at') }}
            <> {{ shown_under_a_policy('disclosures.disclosed_to_subject_at', 'beginnings.old_began_at') }}
),

shown_a_moved_version as (
    select subject_key
    from decided
    where policy_version in (select policy_version from moved_versions)
    union all
    select subject_key
    from {{ source('landing', 'collections') }}
    semi join moved_versions using (policy_version)
    union all
    select subject_key
    from {{ source('landing', 'collections') }}
    semi join (select true as is_told from notices where are_told <> were_told) as turned on policy_version is not null
),

touched as (
    {% for log in ['requests', 'consents', 'disclosures', 'collections', 'processing'] %}
    select subject_key from told_by_{{ log }}
    union all
    {% endfor %}
    select unnest([subject_key, other_key]) as subject_key from links
    union all
    select subject_key from requesting
    union all
    select subject_key from overdue
    union all
    select subject_key from withdrawing
    union all
    select subject_key from lapsing
    union all
    select subject_key from waiting
    where status = 'pending' and confirm_by <= (select as_of from instants)
    union all
    select subject_key from shown_a_moved_version
    union all
    select subject_key from notified_around_the_beginning
),

named as (
    select distinct subject_key
    from touched
    where subject_key is not null
),

their_persons as (
    select distinct persons.person_key
    from named
    inner join persons on named.subject_key = persons.subject_key
)

select subject_key
from named
{% if is_full_refresh() %}where false{% endif %}
union
select persons.subject_key
from persons
inner join their_persons on persons.person_key = their_persons.person_key
{% if is_full_refresh() %}where false{% endif %}
