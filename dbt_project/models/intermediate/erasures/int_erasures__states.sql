-- How those record sets stood when the erasure was asked for and when it is judged.
with
found as (select * from {{ ref('int_erasures__found') }}),

asked as (
    select namespace, record_id, received_at as state_at
    from found
    union
    select namespace, record_id, judged_at as state_at
    from found
),

states as (
    {{ records_at('asked') }}
)

select * from states
