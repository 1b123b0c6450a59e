-- Every disclosure that had happened by as_of and that this build judges, with its day. A view: it is read for few of its
-- columns at a time, and a copy of all of them would take longer than finding the day again.
{{ config(materialized='view') }}

with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

events as (select * from {{ ref('stg_disclosures__events') }})

select
    events.*,
    cast(timezone(instants.time_zone, events.occurred_at) as date) as occurred_date,
from events
cross join instants
where
    {{ has_happened('events') }}
    {%- if not execute or is_daily_build('fct_disclosures') %}
    and (
        events.subject_key in (select subject_key from {{ ref('int_subjects__touched') }})
        or (
            events.subject_key is null
            and (events.namespace, events.event_id) in (
                select (namespace, event_id) from {{ ref('int_disclosures__touched') }}
            )
        )
    )
    {%- endif %}
