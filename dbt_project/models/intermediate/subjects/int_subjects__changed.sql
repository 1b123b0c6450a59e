-- Changed keys: every identifier of each person all of whose facts may differ from the previous build. A decision, a request or a
-- link of the person or a policy version shown to the person landed or came due, or a consent of the person ended or a
-- withdrawal's deadline passed since, or a collection that may end a stop of the person landed or came due. What was disclosed,
-- collected or done of late changes no other fact of the person but acts of processing: int_disclosures__changed,
-- int_collections__changed and int_processing__changed hold that. A request that binds since its due date changes only what occurs after it, which is new or
-- came due itself. Links only add identifiers to a person here: after a corrected link the build is a full refresh. Empty in a
-- full refresh.
with
state as (select as_of from {{ source('run', 'build_state') }}),

instants as (select as_of from {{ source('run', 'run_instants') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

{% for log in ['requests', 'consents'] %}
changed_{{ log }} as (
    {{ changed_rows(log, ['subject_key']) }}
),
{% endfor %}

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
        'policy_version': 'varchar',
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
    select previous_decisions.subject_key
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

-- Versions of the policy whose intervals changed, by name.
version_intervals as (
    {{ version_intervals() }}
),

previous_intervals as (
    {{ previous_rows('int_policies__intervals', {
        'policy_version': 'varchar', 'intervals': 'struct(effective_at timestamptz, superseded_at timestamptz)[]',
    }) }}
),

changed_versions as (
    select coalesce(version_intervals.policy_version, previous_intervals.policy_version) as policy_version
    from version_intervals
    full join previous_intervals on version_intervals.policy_version = previous_intervals.policy_version
    where version_intervals.intervals is distinct from previous_intervals.intervals
),

-- Without any version it is unknown whether one was in force: the first one affects every notice.
version_counts as (
    select
        (select count(*) from version_intervals) > 0 as has_versions,
        (select count(*) from previous_intervals) > 0 as had_versions,
),

-- Notices before the first version was in force refer to none: where that instant moved, those between the two instants change.
policy_starts as (
    select
        {{ first_in_force('version_intervals') }} as began_at,
        {{ first_in_force('previous_intervals') }} as old_began_at,
    where began_at is distinct from old_began_at
),

subjects_notified_around_start as (
    select collections.subject_key
    from {{ source('landing', 'collections') }} as collections
    inner join policy_starts
        on
            {{ shown_under_a_policy('collections.notice_shown_at', 'policy_starts.began_at') }}
            <> {{ shown_under_a_policy('collections.notice_shown_at', 'policy_starts.old_began_at') }}
            or (collections.policy_version is not null and (policy_starts.began_at is null) <> (policy_starts.old_began_at is null))
    union all
    select disclosures.subject_key
    from {{ source('landing', 'disclosures') }} as disclosures
    inner join policy_starts
        on
            {{ shown_under_a_policy('disclosures.disclosed_to_subject_at', 'policy_starts.began_at') }}
            <> {{ shown_under_a_policy('disclosures.disclosed_to_subject_at', 'policy_starts.old_began_at') }}
),

subjects_shown_changed_version as (
    select subject_key
    from previous_decisions
    where policy_version in (select policy_version from changed_versions)
    union all
    select subject_key
    from {{ source('landing', 'collections') }}
    semi join changed_versions using (policy_version)
    union all
    select subject_key
    from {{ source('landing', 'collections') }}
    semi join (select true as has_changed from version_counts where has_versions <> had_versions) as turned on policy_version is not null
),

changed_subjects as (
    {% for log in ['requests', 'consents'] %}
    select subject_key from changed_{{ log }}
    union all
    {% endfor %}
    select unnest([subject_key, other_key]) as subject_key from links
    union all
    select subject_key from requesters
    union all
    select subject_key from collected_from_requesting_persons
    union all
    select subject_key from withdrawing_subjects
    union all
    select subject_key from lapsing_consents
    union all
    select subject_key from previous_withdrawals
    where status = 'pending' and confirm_by <= (select as_of from instants)
    union all
    select subject_key from subjects_shown_changed_version
    union all
    select subject_key from subjects_notified_around_start
)

{{ identifiers_of_changed_persons('changed_subjects') }}
