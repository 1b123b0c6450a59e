{#-
The instant from which a log is overdue: that of its sources whose next delivery is expected first, counted from what each
delivered last. Never where no source of the log declares how often it delivers.
-#}
{% macro overdue_from(log) -%}
select
    coalesce(
        min(deliveries.landed_at + to_seconds(sources.expect_every_seconds + coalesce(sources.expect_grace_seconds, 0))),
        timestamptz '9999-12-31 00:00:00+00'
    )
from {{ source('landing', 'sources') }} as sources
inner join (
    select log, source, max(landed_at) as landed_at
    from {{ source('landing', 'batches') }}
    where landed_again is not true
    group by log, source
) as deliveries using (log, source)
where sources.log = '{{ log }}'
{%- endmacro %}
