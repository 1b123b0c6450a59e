-- Which of the disclosures that rest on the person's word had it: consent to that purpose was active at that instant.
with
made as (select * from {{ ref('int_disclosures__made') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

resting_on_consent as (
    select
        made.namespace,
        made.event_id,
        made.purpose_code,
        made.occurred_at,
        {{ person_key_of('made.subject_key', 'persons') }} as person_key,
    from made
    left join persons on made.subject_key = persons.subject_key
    where made.reason_code = 'consented_or_requested' and made.subject_key is not null
)

select resting_on_consent.namespace, resting_on_consent.event_id
from resting_on_consent
{{ consent_as_of('resting_on_consent', 'consents', 'fct_disclosures') }}
where {{ had_consent('resting_on_consent', 'consents') }}
