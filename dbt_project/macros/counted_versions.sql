{#-
What of a log counts. Several versions of one event may have landed: the highest revision counts; where that revision
was told in more than one way, none does. An event is contested when a landed row says that it collides with an earlier
one, so a log in which nothing collides is passed through without being sorted.
-#}
{% macro contested_versions(log) -%}
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

judged as (
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

select * from judged
{%- endmacro %}


{% macro counted_versions(log, contested) -%}
select landed.* exclude (collides)
from {{ source('landing', log) }} as landed
anti join (select distinct namespace, event_id from {{ contested }}) as contested using (namespace, event_id)
union all by name
select * exclude (verdict)
from {{ contested }}
where verdict = 'counts'
{%- endmacro %}
