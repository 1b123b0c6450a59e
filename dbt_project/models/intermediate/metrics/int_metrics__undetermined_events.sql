-- Undetermined units of every log but requests: those with a conflict, a reject or an orphaned event. With the months in which
-- they may have happened (null = any) and their dimension values (null = any).
{% set logs = evidence_of_logs() %}
with
instants as (select as_of, time_zone from {{ source('run', 'run_instants') }}),

{% for log in logs %}
{{ log.log }} as (
    select
        {{ "namespace || '/' || " ~ (log.life or 'event_id') }} as unit_key,
        occurred_at,
        source,
        {%- for dimension in log.dimensions %}
        {{ dimension }},
        {%- endfor %}
        {{ log.weight or 1 }}::bigint as weight,
    from {{ ref('stg_' ~ log.log ~ '__versions') }}
    where verdict = 'conflicts'
    {%- if log.has_orphans %}
    union all
    select namespace || '/' || life_id, occurred_at, source,
        {%- for dimension in log.dimensions %} {{ dimension }},{% endfor %}
        {{ log.weight or 1 }}::bigint,
    from {{ ref('int_findings__orphans') }}
    where log = '{{ log.log }}'
    {%- endif %}
),

{{ log.log }}_rejected as (
    select
        {%- if log.life %}
        namespace || '/' || coalesce(
            case when column_name is distinct from '{{ log.life }}' then content ->> '$.{{ log.life }}' end,
            batch_id || '/' || row_number
        ) as unit_key,
        {%- else %}
        batch_id || '/' || row_number as unit_key,
        {%- endif %}
        occurred_at,
        source,
        {%- for dimension in log.dimensions %}
        case when column_name is distinct from '{{ dimension }}' and json_type(content, '$.{{ dimension }}') = 'VARCHAR' then content ->> '$.{{ dimension }}' end as {{ dimension }},
        {%- endfor %}
        {%- if log.weight %}
        -- A reject may hold any number: one that can't be read, or is not stated where it has to be, counts as the greatest.
        coalesce(
            case when column_name is distinct from '{{ log.weight }}' then nullif(greatest(try_cast(content ->> '$.{{ log.weight }}' as bigint), 0), 0) end,
            {%- if log.weighed_on %}
            case when column_name <> '{{ log.weight }}' and event_type <> '{{ log.weighed_on }}' then 1 end,
            {%- endif %}
            {{ greatest_count() }}
        ) as weight,
        {%- else %}
        1::bigint as weight,
        {%- endif %}
    from {{ source('landing', 'quarantine') }}
    where log = '{{ log.log }}'
),

{% if log.mart %}
-- The dimensions and the weight come from the mart where it holds the life, else from the row.
{{ log.log }}_located as (
    select events.unit_key, events.occurred_at, coalesce(lives.source, events.source) as source,
        {%- for dimension in log.dimensions %} coalesce(lives.{{ dimension }}, events.{{ dimension }}) as {{ dimension }},{% endfor %}
        {{ 'coalesce(lives.' ~ log.weight ~ ', events.weight)' if log.weight else 'events.weight' }} as weight,
        {{ "case when lives." ~ log.life ~ " is not null then coalesce(lives.dimensions, '{}') end as dimensions," if log.has_own_dimensions }}
    from (
        select * from {{ log.log }}
        union all
        select * from {{ log.log }}_rejected
    ) as events
    left join {{ ref(log.mart) }} as lives on events.unit_key = lives.namespace || '/' || lives.{{ log.life }}
),
{% endif %}
{{ log.log }}_units as (
    select
        unit_key,
        {%- for bound in ['min', 'max'] %}
        case when count(occurred_at) = count(*) then date_trunc('month', timezone(any_value(instants.time_zone), {{ bound }}(occurred_at)))::date end as {{ 'first' if bound == 'min' else 'last' }}_month,
        {%- endfor %}
        {%- for dimension in ['source'] + log.dimensions + (['dimensions'] if log.has_own_dimensions else []) %}
        case when count({{ dimension }}) = count(*) and min({{ dimension }}) = max({{ dimension }}) then min({{ dimension }}) end as {{ dimension }},
        {%- endfor %}
        least(coalesce(max(weight), 1), {{ greatest_count() }}) as weight,
    from (
        {%- if log.mart %}
        select * from {{ log.log }}_located
        {%- else %}
        select * from {{ log.log }}
        union all
        select * from {{ log.log }}_rejected
        {%- endif %}
    )
    cross join instants
    where occurred_at is null or occurred_at <= instants.as_of
    group by unit_key
){{ ',' if not loop.last }}
{% endfor %}

{% for log in logs %}
select '{{ log.log }}' as log, {{ 'true' if log.life else 'false' }} as is_life, * from {{ log.log }}_units
{{ 'union all by name' if not loop.last }}
{% endfor %}
