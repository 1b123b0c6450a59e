-- Which of the disclosures that need the person's consent had it: consent to that purpose was active at that instant.
with
made as (select * from {{ ref('int_disclosures__occurred') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

required as (select * from {{ ref('int_disclosures__consent_required') }}),

needing_consent as (
    select
        made.namespace,
        made.event_id,
        made.purpose_code,
        made.occurred_at,
        {{ person_key_of('made.subject_key', 'persons') }} as person_key,
    from made
    left join persons on made.subject_key = persons.subject_key
    left join required
        on
            made.recipient_id = required.recipient_id
            and made.purpose_code = required.purpose_code
            and made.occurred_date = required.occurred_date
    where
        made.subject_key is not null
        and made.reason_code <> 'required_by_law'
        and (made.reason_code = 'consented_or_requested' or required.purpose_code is not null)
)

select
    needing_consent.namespace,
    needing_consent.event_id,
    consents.provable,
    consents.version_in_force,
from needing_consent
{{ consent_as_of('needing_consent', 'consents', 'fct_disclosures') }}
where {{ had_consent('needing_consent', 'consents') }}
