{#-
Deduplication: the row that counts of each event (the winner). Several versions of one event may have landed: the highest revision
counts; where that revision has two contents, none does. Landing marks a row that collides with an earlier one, so a log without
collisions is passed through without a sort.
-#}
{% macro versions_of_events(log) -%}
with
ids as (
    select distinct namespace, event_id
    from {{ source('landing', log) }}
    where collides
),

versions as (
    select landed.* exclude (collides)
    from {{ source('landing', log) }} as landed
    semi join ids using (namespace, event_id)
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
