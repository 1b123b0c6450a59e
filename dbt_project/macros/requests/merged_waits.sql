{#- Waits of a unit with the number of the merged wait that they belong to: waits that overlap or share a day are merged, so that each
day is added once. `waits` names a CTE with
unit_no, kind, asked_date and answered_date (never null). -#}
{% macro merged_waits(waits) -%}
select
    *,
    count(*) filter (where not is_joined) over (
        partition by unit_no order by asked_date, answered_date, kind rows between unbounded preceding and current row
    ) as wait_no
from (
    select *, coalesce(asked_date <= max(answered_date) over earlier, false) as is_joined
    from {{ waits }}
    window earlier as (
        partition by unit_no order by asked_date, answered_date, kind rows between unbounded preceding and 1 preceding
    )
)
{%- endmacro %}
