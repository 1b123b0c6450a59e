-- A row here is a published rate that a reader can't recompute from its numerator and denominator, or one that hides an
-- empty denominator behind a number.
select figures.*
from {{ ref('fct_metrics') }} as figures
inner join {{ ref('metric_catalogue') }} as catalogue using (metric_code)
where
    (
        catalogue.statistic = 'rate'
        and (
            figures.value is distinct from figures.numerator / nullif(figures.denominator, 0)::double
            or figures.value_worst is distinct from figures.worst_numerator / nullif(figures.worst_denominator, 0)::double
            or figures.numerator > figures.denominator
            or figures.worst_numerator > figures.worst_denominator
        )
    )
    or (catalogue.statistic in ('count', 'sum') and (figures.value <> figures.numerator or figures.denominator is not null))
    or (
        catalogue.statistic not in ('rate', 'count', 'sum', 'mean')
        and (figures.numerator is not null or figures.denominator is not null)
    )
