-- Identity match rate between logs: of the persons with a stop or an erasure, how many each log holds under any identifier.
-- Where hardly any match, the absence of processing after a stop is no evidence. A log without a batch has no row.
{% set logs = ['consents', 'disclosures', 'retention', 'collections', 'processing'] %}
with
identifiers as (select subject_key, person_key from {{ ref('int_stops__subjects') }} where has_stopped),

landed as (select distinct log from {{ source('landing', 'batches') }}),

-- Of a subject, as many events count as rows landed, less the versions that do not count: few of these are there, so that no event is
-- looked up among them.
matches as (
    {%- for log in logs %}
    select '{{ log }}' as log, identifiers.person_key
    from identifiers
    semi join (
        select events.subject_key
        from (
            select events.subject_key, 1 as counted
            from {{ source('landing', log) }} as events
            where {{ has_happened('events') }}
            union all
            select events.subject_key, -1
            from {{ ref('stg_' ~ log ~ '__versions') }} as events
            where events.verdict <> 'counts' and {{ has_happened('events') }}
        ) as events
        semi join identifiers as wanted on events.subject_key = wanted.subject_key
        group by events.subject_key
        having sum(events.counted) > 0
    ) as events
        on identifiers.subject_key = events.subject_key
    {{ 'union' if not loop.last }}
    {%- endfor %}
),

by_log as (
    select landed.log, count(distinct persons.person_key) as persons, count(distinct matches.person_key) as matched_persons
    from landed
    cross join (select distinct person_key from identifiers) as persons
    left join matches on landed.log = matches.log and persons.person_key = matches.person_key
    where landed.log in {{ known_codes(logs) }}
    group by landed.log
)

select
    'subject_match_rate' as metric_code,
    null::date as month_start,
    {{ dimension_columns(['log']) }},
    sum(persons)::bigint as units,
    sum(matched_persons)::bigint as numerator,
    sum(persons)::bigint as denominator,
from by_log
group by {{ dimension_sets(['month_start'], ['log']) }}
having sum(persons) > 0
