-- The (recipient, purpose, day) combinations whose purpose requires consent and for which the register gives the recipient no
-- other lawful basis. Looked up once per combination.
with
shared_purposes as (select distinct recipient_id, purpose_code, occurred_date from {{ ref('int_disclosures__occurred') }}),

recipients as (select * from {{ ref('int_disclosures__recipients') }}),

register as (select line, purposes_without_consent from {{ source('pack', 'recipients') }}),

purposes as (select * from {{ source('pack', 'purposes') }} where consent_required)

select
    shared_purposes.recipient_id,
    shared_purposes.purpose_code,
    shared_purposes.occurred_date,
from shared_purposes
inner join purposes on shared_purposes.purpose_code = purposes.purpose_code and {{ in_force('purposes', 'shared_purposes.occurred_date') }}
inner join recipients on shared_purposes.recipient_id = recipients.recipient_id and shared_purposes.occurred_date = recipients.occurred_date
left join register on recipients.register_line = register.line
where not list_contains(coalesce(register.purposes_without_consent, []), shared_purposes.purpose_code)
