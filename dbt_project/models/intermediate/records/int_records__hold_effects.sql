-- The effect of holds on record sets that have any: whether one stands, for how many days, and how far they move the last day.
-- An incremental build asks about the sets that it recomputes.
{%- if not execute %}
-- depends_on: {{ ref('int_records__recomputed') }} {{ ref('int_records__held') }}
{%- endif %}
with
holds as (select * from {{ ref('int_records__holds') }}),

records as (select * from {{ ref('int_records__recomputed' if is_incremental_build('fct_records') else 'int_records__held') }}),

hold_effects as (
    {{ record_holds('records', 'holds', record_keys()) }}
)

select * from hold_effects
