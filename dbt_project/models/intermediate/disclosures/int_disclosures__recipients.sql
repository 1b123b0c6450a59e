-- What the registers said of each recipient on each day on which something was disclosed to it: asked once a day, however many
-- disclosures the day has.
with
days as (select distinct recipient_id, occurred_date from {{ ref('int_disclosures__occurred') }}),

recipients as (select * from {{ source('pack', 'recipients') }}),

agreements as (select * from {{ source('pack', 'agreements') }}),

listed as (
    select days.recipient_id, days.occurred_date, recipients.line as register_line, recipients.recipient_kind
    from days
    left join recipients on days.recipient_id = recipients.recipient_id and {{ in_force('recipients', 'days.occurred_date') }}
),

-- Of several agreements in force the one that began last is named, and so for those that name a mechanism of transfer.
agreed as (
    select
        days.recipient_id,
        days.occurred_date,
        first(agreements.agreement_ref order by agreements.valid_from desc nulls last, agreements.agreement_ref) as agreement_ref,
        first(
            agreements.transfer_mechanism order by agreements.valid_from desc nulls last, agreements.agreement_ref
        ) filter (where agreements.transfer_mechanism is not null) as transfer_mechanism,
    from days
    inner join agreements on days.recipient_id = agreements.recipient_id and {{ in_force('agreements', 'days.occurred_date') }}
    group by days.recipient_id, days.occurred_date
)

select
    listed.recipient_id,
    listed.occurred_date,
    listed.register_line,
    listed.recipient_kind,
    agreed.agreement_ref,
    agreed.transfer_mechanism,
from listed
left join agreed on listed.recipient_id = agreed.recipient_id and listed.occurred_date = agreed.occurred_date
