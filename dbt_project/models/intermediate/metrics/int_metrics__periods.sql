-- Every period that has begun at as_of and of which all logs are still kept, at each grain; to_date is one row without bounds.
with
months as (select * from {{ ref('int_metrics__months') }}),

grains (period_grain, length) as (
    values ('month', interval 1 month), ('quarter', interval 3 month), ('year', interval 1 year)
)

select distinct
    grains.period_grain,
    date_trunc(grains.period_grain, months.month_start)::date as period_start,
    (date_trunc(grains.period_grain, months.month_start) + grains.length)::date as period_end
from months
cross join grains
where {{ is_fully_retained('date_trunc(grains.period_grain, months.month_start)') }}
union all
select 'to_date', null, null
