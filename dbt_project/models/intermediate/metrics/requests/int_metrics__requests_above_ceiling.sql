-- Excluded or paused requests of a right, channel, jurisdiction or as a whole whose share to date exceeds the pack's ceiling.
with
ceilings as (select ways_out_ceiling from {{ source('pack', 'settings') }}),

slices as (
    select counted.dimension, counted.dimension_value
    from {{ ref('int_metrics__requests_measures') }} as counted
    cross join ceilings
    where counted.metric_code = 'ways_out_rate' and counted.dimension in ('all', 'right_type', 'channel', 'jurisdiction')
    group by counted.dimension, counted.dimension_value, ceilings.ways_out_ceiling
    having sum(counted.numerator) / sum(counted.denominator) > ceilings.ways_out_ceiling
)

select excluded_or_paused.request_key, excluded_or_paused.way_out
from {{ ref('int_metrics__requests_excluded_or_paused') }} as excluded_or_paused
inner join {{ ref('int_metrics__requests_units') }} as units using (request_key)
where
    exists (select 1 from slices where dimension = 'all')
    {%- for dimension in ['right_type', 'channel', 'jurisdiction'] %}
    or coalesce(units.{{ dimension }}, 'unknown') in (select dimension_value from slices where dimension = '{{ dimension }}')
    {%- endfor %}
