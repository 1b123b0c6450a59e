-- A row here is a figure whose worst case is better than the figure itself: missing evidence would improve it.
select figures.*
from {{ ref('fct_metrics') }} as figures
inner join {{ ref('metric_catalogue') }} as catalogue using (metric_code)
where
    (catalogue.worst = 'lower' and figures.value_worst > figures.value)
    or (catalogue.worst = 'higher' and figures.value_worst < figures.value)
    or (catalogue.statistic in ('rate', 'count') and figures.value is not null and figures.value_worst is null)
