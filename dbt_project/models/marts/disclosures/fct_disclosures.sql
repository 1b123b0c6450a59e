-- Every disclosure with one column ok_* per promise, null where it does not apply or is undetermined. failed_checks keeps the
-- contract's order. Incremental by event.
{#- What the strategy deletes by; a unit test of this SQL is not given it. #}
{%- if not execute %}
-- depends_on: {{ ref('int_disclosures__changed') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_disclosures__changed': ['namespace', 'event_id']}},
) }}
{%- set checks = [
    'ok_recipient', 'ok_reason', 'ok_agreement', 'ok_consent', 'ok_authority', 'ok_categories', 'ok_purpose', 'ok_transfer',
    'ok_no_sale', 'ok_told', 'ok_not_stopped',
] %}

with
disclosures as (select * from {{ ref('int_disclosures__occurred') }}),

recipients as (select * from {{ ref('int_disclosures__recipients') }}),

forbidden_combinations as (select * from {{ ref('int_disclosures__forbidden') }}),

unlisted_combinations as (select * from {{ ref('int_disclosures__unlisted') }}),

consented_disclosures as (select * from {{ ref('int_disclosures__consented') }}),

required_consents as (select * from {{ ref('int_disclosures__consent_required') }}),

stopped_disclosures as (select * from {{ ref('int_disclosures__stopped') }}),

-- Not from `disclosures`: DuckDB would copy all columns of a CTE that is read twice.
declared_purposes as (
    {{ purposes_on(ref('int_disclosures__occurred')) }}
),

policies as (select {{ first_in_force(ref('int_policies__intervals')) }} as began_at),

registers as (
    select
        coalesce(bool_or(present) filter (where register = 'recipients'), false) as has_recipients,
        coalesce(bool_or(present) filter (where register = 'agreements'), false) as has_agreements,
    from {{ source('pack', 'registers') }}
),

allowed_purposes as (
    select distinct line as register_line, unnest(allowed_purposes) as purpose_code
    from {{ source('pack', 'recipients') }}
),

-- Where data may go without a mechanism: in the organisation's country, and where the pack lists the law as adequate.
safe_places as (
    select country from {{ source('run', 'run_instants') }} where country is not null
    union
    select unnest(adequate_countries) as country from {{ source('pack', 'settings') }}
),

disclosures_with_context as (
    select
        disclosures.*,
        recipients.recipient_kind,
        recipients.agreement_ref,
        recipients.transfer_mechanism,
        recipients.register_line is not null as is_listed,
        registers.has_recipients,
        registers.has_agreements,
        policies.began_at as policy_began_at,
        allowed_purposes.purpose_code is not null as is_purpose_allowed,
        declared_purposes.is_declared as purpose_declared,
        safe_places.country is not null as is_safe_place,
        forbidden_combinations.forbidden_categories,
        unlisted_combinations.unlisted_categories,
        consented_disclosures.event_id is not null as is_consented,
        consented_disclosures.provable as consent_provable,
        consented_disclosures.version_in_force as consent_version_in_force,
        disclosures.reason_code = 'consented_or_requested'
        or (required_consents.purpose_code is not null and disclosures.reason_code <> 'required_by_law') as needs_consent,
        stopped_disclosures.stopped_by,
        stopped_disclosures.stopped_right_type,
        stopped_disclosures.stopped_right_types,
        stopped_disclosures.stopped_at,
        coalesce(stopped_disclosures.possible_stop_right_types, []) as possible_stop_right_types,
        coalesce(stopped_disclosures.stops_in_force, []) as stops_in_force,
        case when stopped_disclosures.event_id is null then true else not stopped_disclosures.is_bound end as is_free_to_go,
    from disclosures
    cross join registers
    cross join policies
    inner join recipients on disclosures.recipient_id = recipients.recipient_id and disclosures.occurred_date = recipients.occurred_date
    inner join unlisted_combinations
        on
            disclosures.occurred_date = unlisted_combinations.occurred_date
            and disclosures.data_categories is not distinct from unlisted_combinations.data_categories
    left join forbidden_combinations
        on recipients.register_line = forbidden_combinations.register_line and disclosures.data_categories = forbidden_combinations.data_categories
    left join allowed_purposes
        on recipients.register_line = allowed_purposes.register_line and disclosures.purpose_code = allowed_purposes.purpose_code
    left join declared_purposes on disclosures.occurred_date = declared_purposes.occurred_date and disclosures.purpose_code = declared_purposes.purpose_code
    left join safe_places on disclosures.destination_country = safe_places.country
    left join required_consents
        on
            disclosures.recipient_id = required_consents.recipient_id
            and disclosures.purpose_code = required_consents.purpose_code
            and disclosures.occurred_date = required_consents.occurred_date
    left join consented_disclosures on disclosures.namespace = consented_disclosures.namespace and disclosures.event_id = consented_disclosures.event_id
    left join stopped_disclosures on disclosures.namespace = stopped_disclosures.namespace and disclosures.event_id = stopped_disclosures.event_id
),

disclosures_with_checks as (
    select
        *,
        case when has_recipients then is_listed end as ok_recipient,
        case recipient_kind
            when 'service_provider' then reason_code in ('provide_service', 'service_functionality')
            when 'legal_authority' then reason_code = 'required_by_law'
            when 'consented_party' then reason_code = 'consented_or_requested'
            -- That `other` is none of the reasons that were promised is counted on its own.
            when 'other_authorised' then reason_code <> 'consented_or_requested'
        end as ok_reason,
        case
            when has_agreements and recipient_kind in ('service_provider', 'other_authorised') then agreement_ref is not null
        end as ok_agreement,
        -- A reason that claims consent without a subject has none; where consent is only required, it is undetermined without a subject.
        case when needs_consent and (subject_key is not null or reason_code = 'consented_or_requested') then is_consented end as ok_consent,
        case when recipient_kind = 'legal_authority' then authority_ref is not null end as ok_authority,
        len(forbidden_categories) = 0 as ok_categories,
        case when is_listed then is_purpose_allowed end as ok_purpose,
        -- Without a register of agreements it is unknown whether one names a mechanism.
        case
            when destination_country is null then null
            when is_safe_place then true
            when has_agreements then transfer_mechanism is not null
        end as ok_transfer,
        case when consideration <> 'unknown' then consideration = 'none' end as ok_no_sale,
        case
            when subject_key is not null and disclosure_exemption is null
                then coalesce(
                    disclosed_to_subject_at <= occurred_at and {{ shown_under_a_policy('disclosed_to_subject_at', 'policy_began_at') }},
                    false
                )
        end as ok_told,
        case when subject_key is not null and reason_code <> 'required_by_law' then is_free_to_go end as ok_not_stopped,
    from disclosures_with_context
),

-- Which checks failed, as one number: a bit for each. A list per row would cost more than all the checks together.
disclosures_with_failures as (
    select
        *,
        {% for check in checks -%}
        cast(not coalesce({{ check }}, true) as integer) * {{ 2 ** loop.index0 }}{{ ' + ' if not loop.last }}
        {%- endfor %} as failures,
    from disclosures_with_checks
),

-- The failed checks of each such number.
failure_names as (
    select
        failures,
        list_filter(
            {{ text_list(checks) }},
            lambda name, place: (failures >> cast(place - 1 as integer)) & 1 = 1
        ) as failed_checks,
    from (select cast(unnest(range({{ 2 ** (checks | length) }})) as integer) as failures)
)

select
    disclosures_with_failures.namespace,
    disclosures_with_failures.event_id,
    disclosures_with_failures.source,
    disclosures_with_failures.subject_key,
    disclosures_with_failures.subject_ref_type,
    disclosures_with_failures.occurred_at,
    disclosures_with_failures.occurred_date,
    disclosures_with_failures.recipient_id,
    disclosures_with_failures.recipient_kind,
    disclosures_with_failures.reason_code,
    disclosures_with_failures.purpose_code,
    disclosures_with_failures.data_categories,
    disclosures_with_failures.collected_at,
    disclosures_with_failures.disclosed_to_subject_at,
    disclosures_with_failures.disclosure_exemption,
    disclosures_with_failures.authority_ref,
    disclosures_with_failures.destination_country,
    disclosures_with_failures.consideration,
    disclosures_with_failures.record_count,
    {%- for check in checks %}
    disclosures_with_failures.{{ check }},
    {%- endfor %}
    disclosures_with_failures.failures = 0 as within_policy,
    failure_names.failed_checks,
    disclosures_with_failures.disclosure_exemption is not null as exempt_told,
    disclosures_with_failures.needs_consent,
    disclosures_with_failures.purpose_declared,
    disclosures_with_failures.consent_provable,
    disclosures_with_failures.consent_version_in_force,
    disclosures_with_failures.agreement_ref,
    disclosures_with_failures.transfer_mechanism,
    disclosures_with_failures.forbidden_categories,
    disclosures_with_failures.unlisted_categories,
    disclosures_with_failures.stopped_by,
    disclosures_with_failures.stopped_right_type,
    disclosures_with_failures.stopped_right_types,
    disclosures_with_failures.stopped_at,
    disclosures_with_failures.batch_id,
    disclosures_with_failures.row_number,
    -- Beyond the published minimum.
    disclosures_with_failures.possible_stop_right_types,
    disclosures_with_failures.stops_in_force,
from disclosures_with_failures
inner join failure_names on disclosures_with_failures.failures = failure_names.failures
