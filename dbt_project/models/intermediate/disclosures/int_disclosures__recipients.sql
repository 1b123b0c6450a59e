-- The register entry of each recipient on each day with a disclosure to it, looked up once a day.
with
days as (select distinct recipient_id, occurred_date from {{ ref('int_disclosures__occurred') }}),

recipients as (select * from {{ source('pack', 'recipients') }}),

agreements as (select * from {{ source('pack', 'agreements') }}),

register_entries as (
    select days.recipient_id, days.occurred_date, recipients.line as register_line, recipients.recipient_kind
    from days
    left join recipients on days.recipient_id = recipients.recipient_id and {{ in_force('recipients', 'days.occurred_date') }}
),

-- Of several agreements in force the one that began last is named, and so for those that name a mechanism of transfer.
agreements_in_force as (
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
    register_entries.recipient_id,
    register_entries.occurred_date,
    register_entries.register_line,
    register_entries.recipient_kind,
    agreements_in_force.agreement_ref,
    agreements_in_force.transfer_mechanism,
from register_entries
left join agreements_in_force on register_entries.recipient_id = agreements_in_force.recipient_id and register_entries.occurred_date = agreements_in_force.occurred_date
