-- Which disclosures were made while a stop of the person was in force, and whether one binds them.
with
made as (select * from {{ ref('int_disclosures__occurred') }}),

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

stops as (
    {{ stops_in_force('stoppable', ['is_sale_or_sharing']) }}
),
{%- set rights = rights_that_stop() + ['opt_out_sale_share'] %}
{%- set is_bound = "covers_purpose and is_scope_known and (right_type <> 'opt_out_sale_share' or is_sale_or_sharing)" %}
{%- set may_be_bound %}
covers_purpose and coalesce(right_type <> 'opt_out_sale_share' or is_sale_or_sharing, true)
            and (not is_scope_known or (right_type = 'opt_out_sale_share' and is_sale_or_sharing is null))
{%- endset %}

bound as (
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
from bound
