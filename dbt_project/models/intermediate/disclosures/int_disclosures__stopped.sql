-- Disclosures while a stop of the person was in force, and whether the stop covers them.
with
disclosures as (select * from {{ ref('int_disclosures__occurred') }}),

recipients as (select * from {{ ref('int_disclosures__recipients') }}),

subjects as (select subject_key from {{ ref('int_stops__subjects') }}),

registers as (
    select coalesce(bool_or(present), false) as has_recipients
    from {{ source('pack', 'registers') }}
    where register = 'recipients'
),

-- Only disclosures of persons with a stop. An opt-out of sale and sharing applies to every recipient that the register does not list
-- as a service provider. Without a register only the consideration decides; an unknown consideration may have been a sale.
stoppable_disclosures as (
    select
        disclosures.namespace,
        disclosures.event_id,
        disclosures.subject_key,
        disclosures.purpose_code,
        disclosures.occurred_at,
        case
            when disclosures.consideration in ('monetary', 'other_valuable') then true
            when registers.has_recipients and recipients.recipient_kind is distinct from 'service_provider' then true
            when registers.has_recipients and disclosures.consideration = 'none' then false
        end as is_sale_or_sharing,
    from disclosures
    semi join subjects on disclosures.subject_key = subjects.subject_key
    cross join registers
    inner join recipients on disclosures.recipient_id = recipients.recipient_id and disclosures.occurred_date = recipients.occurred_date
    where disclosures.reason_code <> 'required_by_law'
),

stops as (
    {{ stops_in_force('stoppable_disclosures', ['is_sale_or_sharing']) }}
),
{%- set rights = rights_that_stop() + ['opt_out_sale_share'] %}
{%- set is_bound = "covers_purpose and is_scope_known and (right_type <> 'opt_out_sale_share' or is_sale_or_sharing)" %}
{%- set may_be_bound %}
covers_purpose and coalesce(right_type <> 'opt_out_sale_share' or is_sale_or_sharing, true)
            and (not is_scope_known or (right_type = 'opt_out_sale_share' and is_sale_or_sharing is null))
{%- endset %}

bound_disclosures as (
    select
        namespace,
        event_id,
        {{ first_stop(is_bound) }} as first_stop,
        {{ rights_of_stops(is_bound) }} as stopped_right_types,
        coalesce({{ rights_of_stops(may_be_bound) }}, []) as possible_stop_right_types,
        {{ rights_of_stops() }} as stops_in_force,
    from stops
    where {{ is_of_rights(rights) }}
    group by namespace, event_id
)

select
    namespace,
    event_id,
    case when first_stop is not null then true when possible_stop_right_types = [] then false end as is_bound,
    first_stop.stopped_at,
    first_stop.request_key as stopped_by,
    first_stop.right_type as stopped_right_type,
    stopped_right_types,
    possible_stop_right_types,
    stops_in_force,
from bound_disclosures
