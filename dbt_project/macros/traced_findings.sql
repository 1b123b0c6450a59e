{#-
Findings of facts with the landed row of each and the instant at which the last of the rows behind it landed: the row that the fact
begins with, the event that caused the finding, and the request that was disregarded, with its answer where the fact is later.

names        the models int_findings__... whose findings these are
logs         the logs whose events cause some of them
changed      a semi join with those to be traced; empty for all
stops        whether some are about a request that was disregarded
-#}
{% macro traced_findings(names, logs, changed='', stops=false) -%}
with
findings as (
    {%- for name in names %}
    select *
    from {{ ref('int_findings__' ~ name) }}
    {{ changed }}
    {{ 'union all by name' if not loop.last }}
    {%- endfor %}
),

batches as (select batch_id, landed_at from {{ source('landing', 'batches') }}),

-- Of several such events of one instant the least identifier is named.
events as (
    {%- for log in logs %}
    select
        findings.finding_code,
        findings.entity,
        min_by(
            {
                event_id: events.event_id, source: events.source, batch_id: events.batch_id,
                row_number: events.row_number, landed_at: events.landed_at
            },
            (events.event_id, events.batch_id, events.row_number)
        ) filter (events.occurred_at = findings.occurred_at and list_contains(findings.event_types, events.event_type)) as event,
        max(events.landed_at) filter (list_contains(findings.earlier_types, events.event_type)) as earlier_landed_at,
    from (
        -- First the events of few lives: DuckDB would keep all of them to look findings up among.
        select events.*
        from {{ ref('stg_' ~ log ~ '__events') }} as events
        semi join findings on events.namespace = findings.life_namespace and events.{{ life_column(log) }} = findings.life_id
    ) as events
    inner join findings
        on
            events.namespace = findings.life_namespace
            and events.{{ life_column(log) }} = findings.life_id
            and events.occurred_at <= findings.occurred_at
    where starts_with(findings.entity, '{{ log }}/') and {{ has_happened('events') }}
    group by findings.finding_code, findings.entity
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)
{%- if stops %},

stop_requests as (
    select requests.request_key, requests.namespace, requests.request_id, requests.closed_at, batches.landed_at
    from {{ ref('fct_requests') }} as requests
    semi join findings on requests.request_key = findings.stop_key
    left join batches on requests.batch_id = batches.batch_id
),

stops as (
    select
        stop_requests.request_key,
        stop_requests.closed_at,
        stop_requests.landed_at,
        max(events.landed_at) as answer_landed_at,
    from stop_requests
    left join {{ ref('int_requests__events') }} as events
        on
            stop_requests.namespace = events.namespace
            and stop_requests.request_id = events.request_id
            and stop_requests.closed_at = events.occurred_at
            and events.event_type in ('fulfilled', 'partially_fulfilled')
    group by stop_requests.request_key, stop_requests.closed_at, stop_requests.landed_at
)
{%- endif %}

select
    findings.* exclude (life_namespace, life_id, event_types, earlier_types, {% if stops %}stop_key, {% endif %}source, event_id, batch_id, row_number),
    coalesce(events.event.source, findings.source) as source,
    coalesce(events.event.event_id, findings.event_id) as event_id,
    coalesce(events.event.batch_id, findings.batch_id) as batch_id,
    coalesce(events.event.row_number, findings.row_number) as row_number,
    greatest(
        batches.landed_at,
        events.event.landed_at,
        events.earlier_landed_at
        {%- if stops %},
        stops.landed_at,
        case when stops.closed_at < findings.occurred_at then stops.answer_landed_at end
        {%- endif %}
    ) as first_seen_at,
from findings
left join batches on findings.batch_id = batches.batch_id
left join events on findings.finding_code = events.finding_code and findings.entity = events.entity
{%- if stops %}
left join stops on findings.stop_key = stops.request_key
{%- endif %}
{%- endmacro %}
