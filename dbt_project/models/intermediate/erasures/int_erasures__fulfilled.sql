-- Every request for erasure that was fulfilled whole, with its closing event and the instant of assessment.
with
instants as (
    select as_of, cast(erasure_grace_days as integer) as grace_days
    from {{ source('run', 'run_instants') }}
),

events as (select * from {{ ref('int_requests__events') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

erasures as (
    select
        requests.*,
        {{ person_key_of('requests.subject_key', 'persons') }} as person_key,
    from {{ ref('int_requests__deadlines') }} as requests
    left join persons on requests.subject_key = persons.subject_key
    where requests.right_type = 'erasure' and requests.outcome = 'fulfilled' and requests.exclusion_reason is null
),

-- An event that names no right concerns every right that had been received by then. Of several at one instant that which
-- names the right, then the least identifier, is the closing one.
closing_events as (
    select
        erasures.request_key,
        events.source,
        events.event_id,
        events.batch_id,
        events.row_number,
    from erasures
    inner join events
        on
            erasures.namespace = events.namespace
            and erasures.request_id = events.request_id
            and erasures.closed_at = events.occurred_at
    where
        events.event_type = 'fulfilled'
        and (events.right_type = 'erasure' or (events.right_type is null and events.occurred_at >= erasures.received_at))
    qualify row_number() over (partition by erasures.request_key order by events.right_type is null, events.event_id) = 1
),

erasures_with_grace as (
    select
        erasures.*,
        instants.as_of,
        erasures.closed_date + instants.grace_days as grace_ends_date,
        {{ day_begins('(erasures.closed_date + instants.grace_days + 1)', 'erasures.time_zone') }} as grace_is_over_at,
    from erasures
    cross join instants
)

select
    erasures_with_grace.request_key,
    erasures_with_grace.namespace,
    erasures_with_grace.request_id,
    closing_events.source,
    erasures_with_grace.subject_key,
    erasures_with_grace.person_key,
    erasures_with_grace.jurisdiction,
    erasures_with_grace.time_zone,
    erasures_with_grace.received_at,
    erasures_with_grace.closed_at,
    erasures_with_grace.closed_date,
    erasures_with_grace.grace_ends_date,
    least(erasures_with_grace.as_of, make_timestamptz(epoch_us(erasures_with_grace.grace_is_over_at) - 1)) as judged_at,
    erasures_with_grace.as_of < erasures_with_grace.grace_is_over_at as is_pending,
    closing_events.event_id,
    closing_events.batch_id,
    closing_events.row_number,
from erasures_with_grace
inner join closing_events using (request_key)
