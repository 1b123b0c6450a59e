-- Of the persons who stopped something or were erased: how many each log knows at all, by any identifier. Where hardly anybody
-- is known the identifiers do not meet, and that nothing was done after a stop proves nothing. A log of which nothing ever
-- landed is not asked.
{% set logs = ['consents', 'disclosures', 'retention', 'collections', 'processing'] %}
with
identifiers as (select subject_key, person_key from {{ ref('int_stops__subjects') }} where has_stopped),
landed as (select distinct log from {{ source('landing', 'batches') }}),

found as (
    {%- for log in logs %}
    select '{{ log }}' as log, identifiers.person_key
    from identifiers
    semi join (select subject_key from {{ ref('stg_' ~ log ~ '__events') }} as events where {{ has_happened('events') }}) as events
        on identifiers.subject_key = events.subject_key
    {{ 'union' if not loop.last }}
    {%- endfor %}
),

by_log as (
    select landed.log, count(distinct persons.person_key) as concerned, count(distinct found.person_key) as known
    from landed
    cross join (select distinct person_key from identifiers) as persons
    left join found on landed.log = found.log and persons.person_key = found.person_key
    where landed.log in {{ known_codes(logs) }}
    group by landed.log
)

select
    'subject_match_rate' as metric_code,
    null::date as month_start,
    {{ dimension_columns(['log']) }},
    sum(concerned)::bigint as units,
    sum(known)::bigint as numerator,
    sum(concerned)::bigint as denominator,
from by_log
group by {{ dimension_sets(['month_start'], ['log']) }}
having sum(concerned) > 0
