-- Every request for erasure that was fulfilled whole, the event that said so, and the instant at which it is judged.
with
instants as (
    select as_of, cast(erasure_grace_days as integer) as grace_days
    from {{ source('run', 'run_instants') }}
),

events as (select * from {{ ref('stg_requests__events') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

fulfilled as (
    select
        requests.*,
        {{ person_key_of('requests.subject_key', 'persons') }} as person_key,
    from {{ ref('int_requests__deadlines') }} as requests
    left join persons on requests.subject_key = persons.subject_key
    where requests.right_type = 'erasure' and requests.outcome = 'fulfilled' and requests.exclusion_reason is null
),

-- An event that names no right concerns every right that had been received by then. Of several at one instant that which
-- names the right, then the least identifier, is called the closing one.
closing as (
    select
        fulfilled.request_key,
        events.source,
        events.event_id,
        events.batch_id,
        events.row_number,
    from fulfilled
    inner join events
        on
            fulfilled.namespace = events.namespace
            and fulfilled.request_id = events.request_id
            and fulfilled.closed_at = events.occurred_at
    where
        events.event_type = 'fulfilled'
        and (events.right_type = 'erasure' or (events.right_type is null and events.occurred_at >= fulfilled.received_at))
        and {{ has_happened('events') }}
    qualify row_number() over (partition by fulfilled.request_key order by events.right_type is null, events.event_id) = 1
),

graced as (
    select
        fulfilled.*,
        instants.as_of,
        fulfilled.closed_date + instants.grace_days as grace_ends_date,
        {{ day_begins('(fulfilled.closed_date + instants.grace_days + 1)', 'fulfilled.time_zone') }} as grace_is_over_at,
    from fulfilled
    cross join instants
)

select
    graced.request_key,
    graced.namespace,
    graced.request_id,
    closing.source,
    graced.subject_key,
    graced.person_key,
    graced.jurisdiction,
    graced.time_zone,
    graced.received_at,
    graced.closed_at,
    graced.closed_date,
    graced.grace_ends_date,
    least(graced.as_of, make_timestamptz(epoch_us(graced.grace_is_over_at) - 1)) as judged_at,
    graced.as_of < graced.grace_is_over_at as is_pending,
    closing.event_id,
    closing.batch_id,
    closing.row_number,
from graced
inner join closing using (request_key)
