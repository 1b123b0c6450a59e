-- Every agreement of the register: how long it lasts, whether it is in force at as_of, and what follows it.
with
instants as (select cast(timezone(time_zone, as_of) as date) as as_of_date from {{ source('run', 'run_instants') }}),

agreements as (select * from {{ source('pack', 'agreements') }}),

recipients as (
    select recipients.recipient_id, recipients.recipient_kind, recipients.country
    from {{ source('pack', 'recipients') }} as recipients
    cross join instants
    where {{ in_force('recipients', 'instants.as_of_date') }}
),

-- Of another agreement with the same recipient that is in force on the first day without this one: the one that lasts longest.
followed as (
    select
        agreements.line,
        first(successors.agreement_ref order by successors.valid_to desc nulls first, successors.agreement_ref) as followed_by,
    from agreements
    inner join agreements as successors
        on
            agreements.recipient_id = successors.recipient_id
            and agreements.line <> successors.line
            and {{ in_force('successors', 'agreements.valid_to') }}
    group by agreements.line
)

select
    agreements.agreement_ref,
    agreements.recipient_id,
    recipients.recipient_kind,
    recipients.country,
    agreements.valid_from,
    agreements.valid_to,
    cast(agreements.valid_to - interval 1 day as date) as last_day,
    {{ in_force('agreements', 'instants.as_of_date') }} as is_in_force,
    cast(agreements.valid_to - interval 1 day as date) - instants.as_of_date as days_left,
    agreements.transfer_mechanism,
    followed.followed_by,
    instants.as_of_date,
from agreements
cross join instants
left join recipients on agreements.recipient_id = recipients.recipient_id
left join followed on agreements.line = followed.line
