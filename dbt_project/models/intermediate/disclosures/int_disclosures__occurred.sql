-- Every disclosure that had happened by as_of and that this build judges, with its day. A view: it is read for few of its
-- columns at a time, and a copy of all of them would take longer than finding the day again.
{{ config(materialized='view') }}

with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

{#- While parsing, both: dbt then knows what is read, whichever build it is. #}
events as (
    {%- if not execute %}
    select * from {{ ref('int_disclosures__recomputed') }} union all select * from {{ ref('stg_disclosures__events') }}
    {%- else %}
    select * from {{ ref('int_disclosures__recomputed' if is_incremental_build('fct_disclosures') else 'stg_disclosures__events') }}
    {%- endif %}
)

select
    events.*,
    cast(timezone(instants.time_zone, events.occurred_at) as date) as occurred_date,
from events
cross join instants
where {{ has_happened('events') }}
