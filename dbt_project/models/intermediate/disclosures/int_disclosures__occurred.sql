-- Every disclosure by as_of that this build computes, with its local date. A view: models read few of its columns at a time,
-- and a copy of all of them would cost more than computing the date again.
{{ config(materialized='view') }}

with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

{# Both while parsing, so that dbt has both edges in every build. #}
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
