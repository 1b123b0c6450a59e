{#-
Deduplication: the row that counts of each event (the winner). Several versions of one event may have landed: the highest revision
counts; where that revision has two contents, none does. Landing marks a row that collides with an earlier one, so a log without
collisions is passed through without a sort.
-#}
{% macro versions_of_events(log) -%}
{%- set incremental = is_incremental_build() -%}
with
ids as (
    select distinct namespace, event_id
    {% if not execute or incremental -%}
    from {{ ref('stg_' ~ log ~ '__contested') }}
    {%- else -%}
    from {{ source('landing', log) }}
    where collides
    {%- endif %}
),
{% if incremental %}
-- A few batches hold all versions of a few events: these are looked for by their ids alone, and few files are read as a whole.
places as (
    select distinct landed.batch_id
    from {{ source('landing', log) }} as landed
    semi join ids using (namespace, event_id)
),
{% endif %}
versions as (
    select landed.* exclude (collides)
    from {{ source('landing', log) }} as landed
    semi join ids using (namespace, event_id)
    {%- if incremental %}
    semi join places using (batch_id)
    {%- endif %}
),

newest as (
    select *
    from versions
    qualify revision = max(revision) over (partition by namespace, event_id)
),

contents as (
    select distinct * exclude (source, batch_id, key_id, landed_at, row_number)
    from newest
),

conflicts as (
    select namespace, event_id
    from contents
    group by namespace, event_id
    having count(*) > 1
),

versions_with_verdict as (
    select
        versions.*,
        case
            when conflicts.event_id is not null then 'conflicts'
            when row_number() over (
                partition by versions.namespace, versions.event_id
                order by versions.revision desc, versions.landed_at, versions.batch_id, versions.row_number
            ) = 1 then 'counts'
            else 'superseded'
        end as verdict,
    from versions
    left join conflicts on versions.namespace = conflicts.namespace and versions.event_id = conflicts.event_id
)

select * from versions_with_verdict
{%- endmacro %}

{#- The events of a log of which another version landed since the previous build; in a full refresh all of which several did. -#}
{% macro newly_contested_events(log) -%}
select distinct landed.namespace, landed.event_id
from {{ source('landing', log) }} as landed
{% if not execute or not is_full_refresh() -%}
semi join (select * from {{ batches_with_new_events(log) }} where is_new) as batches using (batch_id)
{% endif -%}
where landed.collides
{%- endmacro %}

{#- The winners of a log; `versions` is its model stg_<log>__versions. -#}
{% macro winning_rows(log, versions) -%}
select landed.* exclude (collides)
from {{ source('landing', log) }} as landed
anti join (select distinct namespace, event_id from {{ versions }}) as versions using (namespace, event_id)
union all by name
select * exclude (verdict)
from {{ versions }}
where verdict = 'counts'
{%- endmacro %}
