-- Every disclosure, held against what was promised about it: a column ok_* per promise, null where it does not apply or nobody
-- can say. The order of the checks is the contract's; failed_checks keeps it.
-- Kept from build to build; what was made to whoever is touched is judged anew, and what is touched by itself.
{{ config(
    materialized='incremental',
    pre_hook=[
        "{{ delete_changed('int_subjects__changed', ['subject_key']) }}",
        "{{ delete_changed('int_disclosures__changed', ['namespace', 'event_id']) }}",
    ],
) }}
{%- set checks = [
    'ok_recipient', 'ok_reason', 'ok_agreement', 'ok_consent', 'ok_authority', 'ok_categories', 'ok_purpose', 'ok_transfer',
    'ok_no_sale', 'ok_told', 'ok_not_stopped',
] %}

with
made as (select * from {{ ref('int_disclosures__occurred') }}),

recipients as (select * from {{ ref('int_disclosures__recipients') }}),

forbidden as (select * from {{ ref('int_disclosures__forbidden') }}),

unlisted as (select * from {{ ref('int_disclosures__unlisted') }}),

consented as (select * from {{ ref('int_disclosures__consented') }}),

required as (select * from {{ ref('int_disclosures__consent_required') }}),

stopped as (select * from {{ ref('int_disclosures__stopped') }}),

-- Not from `made`: DuckDB would copy a CTE that is read twice whole.
declared as (
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

-- Where data may go without a mechanism: at home, and where the pack says that the law is adequate.
safe_places as (
    select country from {{ source('run', 'run_instants') }} where country is not null
    union
    select unnest(adequate_countries) as country from {{ source('pack', 'settings') }}
),

known as (
    select
        made.*,
        recipients.recipient_kind,
        recipients.agreement_ref,
        recipients.transfer_mechanism,
        recipients.register_line is not null as is_listed,
        registers.has_recipients,
        registers.has_agreements,
        policies.began_at as policy_began_at,
        allowed_purposes.purpose_code is not null as is_purpose_allowed,
        declared.is_declared as purpose_declared,
        safe_places.country is not null as is_safe_place,
        forbidden.forbidden_categories,
        unlisted.unlisted_categories,
        consented.event_id is not null as is_consented,
        consented.provable as consent_provable,
        consented.version_in_force as consent_version_in_force,
        made.reason_code = 'consented_or_requested'
        or (required.purpose_code is not null and made.reason_code <> 'required_by_law') as needs_consent,
        stopped.stopped_by,
        stopped.stopped_right_type,
        stopped.stopped_right_types,
        stopped.stopped_at,
        coalesce(stopped.possible_stop_right_types, []) as possible_stop_right_types,
        coalesce(stopped.stops_in_force, []) as stops_in_force,
        case when stopped.event_id is null then true else not stopped.is_bound end as is_free_to_go,
    from made
    cross join registers
    cross join policies
    inner join recipients on made.recipient_id = recipients.recipient_id and made.occurred_date = recipients.occurred_date
    inner join unlisted
        on
            made.occurred_date = unlisted.occurred_date
            and made.data_categories is not distinct from unlisted.data_categories
    left join forbidden
        on recipients.register_line = forbidden.register_line and made.data_categories = forbidden.data_categories
    left join allowed_purposes
        on recipients.register_line = allowed_purposes.register_line and made.purpose_code = allowed_purposes.purpose_code
    left join declared on made.occurred_date = declared.occurred_date and made.purpose_code = declared.purpose_code
    left join safe_places on made.destination_country = safe_places.country
    left join required
        on
            made.recipient_id = required.recipient_id
            and made.purpose_code = required.purpose_code
            and made.occurred_date = required.occurred_date
    left join consented on made.namespace = consented.namespace and made.event_id = consented.event_id
    left join stopped on made.namespace = stopped.namespace and made.event_id = stopped.event_id
),

judged as (
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
        -- Who claims consent of nobody in particular has none; where it is required alone, nobody can be asked.
        case when needs_consent and (subject_key is not null or reason_code = 'consented_or_requested') then is_consented end as ok_consent,
        case when recipient_kind = 'legal_authority' then authority_ref is not null end as ok_authority,
        len(forbidden_categories) = 0 as ok_categories,
        case when is_listed then is_purpose_allowed end as ok_purpose,
        -- Without a register of agreements nobody can say whether one names a mechanism.
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
    from known
),

-- Which checks failed, as one number: a bit for each. A list per row would cost more than all the checks together.
numbered as (
    select
        *,
        {% for check in checks -%}
        cast(not coalesce({{ check }}, true) as integer) * {{ 2 ** loop.index0 }}{{ ' + ' if not loop.last }}
        {%- endfor %} as failures,
    from judged
),

-- What each such number says.
named as (
    select
        failures,
        list_filter(
            {{ text_list(checks) }},
            lambda name, place: (failures >> cast(place - 1 as integer)) & 1 = 1
        ) as failed_checks,
    from (select cast(unnest(range({{ 2 ** (checks | length) }})) as integer) as failures)
)

select
    numbered.namespace,
    numbered.event_id,
    numbered.source,
    numbered.subject_key,
    numbered.subject_ref_type,
    numbered.occurred_at,
    numbered.occurred_date,
    numbered.recipient_id,
    numbered.recipient_kind,
    numbered.reason_code,
    numbered.purpose_code,
    numbered.data_categories,
    numbered.collected_at,
    numbered.disclosed_to_subject_at,
    numbered.disclosure_exemption,
    numbered.authority_ref,
    numbered.destination_country,
    numbered.consideration,
    numbered.record_count,
    {%- for check in checks %}
    numbered.{{ check }},
    {%- endfor %}
    numbered.failures = 0 as within_policy,
    named.failed_checks,
    numbered.disclosure_exemption is not null as exempt_told,
    numbered.needs_consent,
    numbered.purpose_declared,
    numbered.consent_provable,
    numbered.consent_version_in_force,
    numbered.agreement_ref,
    numbered.transfer_mechanism,
    numbered.forbidden_categories,
    numbered.unlisted_categories,
    numbered.stopped_by,
    numbered.stopped_right_type,
    numbered.stopped_right_types,
    numbered.stopped_at,
    numbered.batch_id,
    numbered.row_number,
    -- Beyond the published minimum.
    numbered.possible_stop_right_types,
    numbered.stops_in_force,
from numbered
inner join named on numbered.failures = named.failures
