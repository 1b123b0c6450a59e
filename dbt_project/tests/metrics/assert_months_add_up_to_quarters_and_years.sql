-- A row here is a quarter or a year that is not the sum of its months.
with
figures as (
    select figures.*
    from {{ ref('fct_metrics') }} as figures
    inner join {{ ref('metric_catalogue') }} as catalogue using (metric_code)
    where catalogue.statistic in ('rate', 'count') and not catalogue.state and figures.period_end <= figures.as_of::date
)

select longer.*
from figures as longer
inner join figures as months
    on
        months.period_grain = 'month'
        and months.metric_code = longer.metric_code
        and months.dimension = longer.dimension
        and months.dimension_value = longer.dimension_value
        and months.period_start >= longer.period_start
        and months.period_start < longer.period_end
where longer.period_grain in ('quarter', 'year')
group by all
having sum(months.numerator) <> longer.numerator or sum(months.denominator) is distinct from longer.denominator
