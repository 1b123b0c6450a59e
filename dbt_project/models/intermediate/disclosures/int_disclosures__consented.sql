-- The disclosures that need the person's consent and had it: consent to that purpose was active at that instant.
with
disclosures as (select * from {{ ref('int_disclosures__occurred') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

required_consents as (select * from {{ ref('int_disclosures__consent_required') }}),

disclosures_needing_consent as (
    select
        disclosures.namespace,
        disclosures.event_id,
        disclosures.purpose_code,
        disclosures.occurred_at,
        {{ person_key_of('disclosures.subject_key', 'persons') }} as person_key,
    from disclosures
    left join persons on disclosures.subject_key = persons.subject_key
    left join required_consents
        on
            disclosures.recipient_id = required_consents.recipient_id
            and disclosures.purpose_code = required_consents.purpose_code
            and disclosures.occurred_date = required_consents.occurred_date
    where
        disclosures.subject_key is not null
        and disclosures.reason_code <> 'required_by_law'
        and (disclosures.reason_code = 'consented_or_requested' or required_consents.purpose_code is not null)
)

select
    disclosures_needing_consent.namespace,
    disclosures_needing_consent.event_id,
    consents.provable,
    consents.version_in_force,
from disclosures_needing_consent
{{ consent_as_of('disclosures_needing_consent', 'consents') }}
where {{ had_consent('disclosures_needing_consent', 'consents') }}
