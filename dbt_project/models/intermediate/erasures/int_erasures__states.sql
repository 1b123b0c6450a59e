-- The state of each record set of a fulfilled erasure at the receipt of the request and at the instant of assessment.
with
record_sets as (select * from {{ ref('int_erasures__found') }}),

state_instants as (
    select namespace, record_id, received_at as state_at
    from record_sets
    union
    select namespace, record_id, judged_at as state_at
    from record_sets
),

states as (
    {{ records_at('state_instants') }}
)

select * from states
