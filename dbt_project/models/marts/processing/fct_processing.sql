-- Every act of processing, and whether it was for a declared purpose, on the basis that the purpose asks for, with consent
-- where it rests on consent, and bound by no stop. What the log states as unknown counts only where the answer would not matter.
-- Incremental by event.
{%- if not execute %}
-- depends_on: {{ ref('int_processing__changed') }} {{ ref('int_processing__recomputed') }} {{ ref('stg_processing__events') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_processing__changed': ['namespace', 'event_id']}},
) }}

with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

acts as (
    select
        events.*,
        {{ person_key_of('events.subject_key', 'persons') }} as person_key,
        cast(timezone(instants.time_zone, events.occurred_at) as date) as occurred_date,
    from {{ ref('int_processing__recomputed' if is_incremental_build() else 'stg_processing__events') }} as events
    cross join instants
    left join persons on events.subject_key = persons.subject_key
    where {{ has_happened('events') }}
),

declared_purposes as (
    {{ purposes_on('acts') }}
),

listed_categories as (
    {{ listed_categories('acts') }}
),

stops as (
    {{ stops_in_force('acts', ['legal_basis', 'automated_decision'], pending=true) }}
),
{%- set binds = "covers_purpose and legal_basis not in " ~ known_codes(bases_beyond_stops()) ~ " and " ~ is_of_rights(rights_that_stop()) %}
{%- set forbids = "covers_purpose and coalesce(automated_decision, true) and " ~ is_of_rights(rights_against_automated_decisions()) %}

stopped_acts as (
    select
        namespace,
        event_id,
        {{ rights_of_stops() }} as stops_in_force,
        {{ rights_of_stops(binds ~ ' and is_scope_known') }} as stopped_right_types,
        {{ first_stop(binds ~ ' and is_scope_known') }} as first_stop,
        {{ rights_of_stops(binds ~ " and (legal_basis = 'unknown' or not is_scope_known)") }} as possible_stop_right_types,
        {{ first_stop(forbids ~ ' and is_scope_known') }} as first_decision_stop,
        {{ rights_of_stops(forbids ~ ' and (automated_decision is null or not is_scope_known)') }} as possible_decision_stop_right_types,
    from stops
    where not is_pending and {{ is_of_rights((rights_that_stop() + rights_against_automated_decisions()) | unique) }}
    group by namespace, event_id
),

-- What was done while a request to end it waited for an answer.
pending_acts as (
    select
        namespace,
        event_id,
        {{ rights_of_stops() }} as requests_pending,
        {{ rights_of_stops('covers_purpose') }} as pending_right_types,
        {{ first_stop('covers_purpose') }} as first_request,
    from stops
    where is_pending and legal_basis not in {{ known_codes(bases_beyond_stops()) }}
    group by namespace, event_id
),

-- On what basis a purpose was pursued in a system before the person objected to it, where it was on another than it is since.
objections as (
    select namespace, event_id, min(stopped_at) as objected_at
    from stops
    where not is_pending and covers_purpose and right_type = 'objection' and legal_basis <> 'unknown'
    group by namespace, event_id
),

earlier_bases as (
    select person_key, purpose_code, system, legal_basis, min(occurred_at) as first_used_at
    from acts
    where subject_key in (select subjects.subject_key from {{ ref('int_stops__subjects') }} as subjects) and legal_basis <> 'unknown'
    group by person_key, purpose_code, system, legal_basis
),

changed_bases as (
    select
        acts.namespace,
        acts.event_id,
        list_sort(list(earlier_bases.legal_basis)) as bases_before_objection,
    from objections
    inner join acts on objections.namespace = acts.namespace and objections.event_id = acts.event_id
    inner join earlier_bases
        on
            acts.person_key = earlier_bases.person_key
            and acts.purpose_code = earlier_bases.purpose_code
            and acts.system = earlier_bases.system
            and objections.objected_at >= earlier_bases.first_used_at
    group by acts.namespace, acts.event_id
    having not bool_or(earlier_bases.legal_basis = acts.legal_basis)
),

-- Only acts on the basis of consent are joined to the consents.
acts_with_consent as (
    select
        events.*,
        {{ had_consent('events', 'consents') }} as ok_consent,
        case when ok_consent then consents.provable end as consent_provable,
        case when ok_consent then consents.version_in_force end as consent_version_in_force,
    from (select * from acts where legal_basis = 'consent') as events
    {{ consent_as_of('events', 'consents') }}
    union all
    select
        *,
        cast(null as boolean) as ok_consent,
        cast(null as boolean) as consent_provable,
        cast(null as boolean) as consent_version_in_force,
    from acts
    where legal_basis <> 'consent'
),

acts_with_checks as (
    select
        acts_with_consent.*,
        declared_purposes.is_declared,
        declared_purposes.consent_required,
        stopped_acts.first_stop.stopped_at,
        stopped_acts.first_stop.request_key as stopped_by,
        stopped_acts.first_stop.right_type as stopped_right_type,
        stopped_acts.stopped_right_types,
        stopped_acts.first_decision_stop.request_key as decision_stopped_by,
        stopped_acts.first_decision_stop.right_type as decision_stopped_right_type,
        coalesce(stopped_acts.possible_stop_right_types, []) as possible_stop_right_types,
        coalesce(stopped_acts.possible_decision_stop_right_types, []) as possible_decision_stop_right_types,
        coalesce(stopped_acts.stops_in_force, []) as stops_in_force,
        changed_bases.bases_before_objection,
        coalesce(pending_acts.requests_pending, []) as requests_pending,
        coalesce(pending_acts.pending_right_types, []) as pending_right_types,
        pending_acts.first_request.request_key as pending_request,
        {{ unlisted_among('acts_with_consent.data_categories', 'listed_categories.categories') }} as unlisted_categories,
    from acts_with_consent
    left join declared_purposes on acts_with_consent.occurred_date = declared_purposes.occurred_date and acts_with_consent.purpose_code = declared_purposes.purpose_code
    left join listed_categories on acts_with_consent.occurred_date = listed_categories.occurred_date
    left join changed_bases on acts_with_consent.namespace = changed_bases.namespace and acts_with_consent.event_id = changed_bases.event_id
    left join stopped_acts on acts_with_consent.namespace = stopped_acts.namespace and acts_with_consent.event_id = stopped_acts.event_id
    left join pending_acts on acts_with_consent.namespace = pending_acts.namespace and acts_with_consent.event_id = pending_acts.event_id
)

select
    namespace,
    event_id,
    source,
    subject_key,
    subject_ref_type,
    occurred_at,
    occurred_date,
    purpose_code,
    system,
    data_categories,
    automated_decision,
    legal_basis,
    is_declared as ok_purpose,
    case when consent_required and legal_basis <> 'unknown' then legal_basis = 'consent' end as ok_basis,
    ok_consent,
    case
        when legal_basis in {{ known_codes(bases_beyond_stops()) }} then null
        when legal_basis <> 'unknown' and stopped_by is not null then false
        when possible_stop_right_types = [] then true
    end as ok_not_stopped,
    case
        when not automated_decision then null
        when automated_decision and decision_stopped_by is not null then false
        when automated_decision and possible_decision_stop_right_types = [] then true
    end as ok_no_automated_decision,
    unlisted_categories,
    len(unlisted_categories) = 0 as ok_categories,
    stopped_by,
    stopped_right_type,
    stopped_right_types,
    stopped_at,
    decision_stopped_by,
    decision_stopped_right_type,
    batch_id,
    row_number,
    -- Beyond the published minimum.
    consent_required,
    possible_stop_right_types,
    possible_decision_stop_right_types,
    stops_in_force,
    bases_before_objection,
    requests_pending,
    pending_right_types,
    pending_request,
    consent_provable,
    consent_version_in_force,
from acts_with_checks
