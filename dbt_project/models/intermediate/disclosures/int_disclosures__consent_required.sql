-- What was shared for a purpose that requires consent, unless the register gives that recipient another lawful basis for it:
-- looked up once per recipient, purpose and day.
with
shared as (select distinct recipient_id, purpose_code, occurred_date from {{ ref('int_disclosures__occurred') }}),

recipients as (select * from {{ ref('int_disclosures__recipients') }}),

register as (select line, purposes_without_consent from {{ source('pack', 'recipients') }}),

purposes as (select * from {{ source('pack', 'purposes') }} where consent_required)

select
    shared.recipient_id,
    shared.purpose_code,
    shared.occurred_date,
from shared
inner join purposes on shared.purpose_code = purposes.purpose_code and {{ in_force('purposes', 'shared.occurred_date') }}
inner join recipients on shared.recipient_id = recipients.recipient_id and shared.occurred_date = recipients.occurred_date
left join register on recipients.register_line = register.line
where not list_contains(coalesce(register.purposes_without_consent, []), shared.purpose_code)
