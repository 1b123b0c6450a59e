-- Which disclosures were made although the person had stopped them, and by which request.
with
made as (select * from {{ ref('int_disclosures__made') }}),

recipients as (select * from {{ ref('int_disclosures__recipients') }}),

subjects as (select subject_key from {{ ref('int_stops__subjects') }}),

registers as (
    select coalesce(bool_or(present), false) as has_recipients
    from {{ source('pack', 'registers') }}
    where register = 'recipients'
),

-- Only persons who stopped something are asked about. Who is not known as a service provider is none: an opt-out of sale and
-- sharing holds against it. Without a register nobody is known, and only what is given in return decides; what a log does not
-- know to have been given for nothing may have been a sale.
stoppable as (
    select
        made.namespace,
        made.event_id,
        made.subject_key,
        made.purpose_code,
        made.occurred_at,
        case
            when made.consideration in ('monetary', 'other_valuable') then true
            when registers.has_recipients and recipients.recipient_kind is distinct from 'service_provider' then true
            when registers.has_recipients and made.consideration = 'none' then false
        end as is_sale_or_sharing,
    from made
    semi join subjects on made.subject_key = subjects.subject_key
    cross join registers
    inner join recipients on made.recipient_id = recipients.recipient_id and made.occurred_date = recipients.occurred_date
    where made.reason_code <> 'required_by_law'
),

bound as (
    {{ earliest_stops('stoppable', rights_that_stop() + ['opt_out_sale_share'],
        "stops.right_type <> 'opt_out_sale_share' or events.is_sale_or_sharing") }}
),

in_doubt as (
    {{ earliest_stops('stoppable', ['opt_out_sale_share'], "events.is_sale_or_sharing is null") }}
)

select
    namespace,
    event_id,
    case when bound.event_id is not null then true end as is_bound,
    bound.stopped_at,
    bound.stopped_by,
    bound.stopped_right_type,
    bound.stopped_right_types,
from bound
full join in_doubt using (namespace, event_id)
