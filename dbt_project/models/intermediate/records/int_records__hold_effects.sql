-- The effect of holds on record sets that have any: whether one stands, for how many days, and how far they move the last day.
with
holds as (select * from {{ ref('int_records__holds') }}),

records as (select * from {{ ref('int_records__held') }}),

hold_effects as (
    {{ record_holds('records', 'holds', record_keys()) }}
)

select * from hold_effects
