-- A row here is a figure whose dimension's values do not add up to `all`: a unit fell out of a dimension or into two.
with
figures as (
    select metric_code, period_grain, period_start, dimension, numerator, denominator
    from {{ ref('fct_metrics') }}
    where
        metric_code in (select metric_code from {{ ref('metric_catalogue') }} where statistic in ('rate', 'count', 'sum'))
        -- One act can break several stops or disregard several requests, and one row may name several unlisted categories.
        and (metric_code, dimension) not in (
            ('processing_after_stop', 'right_type'), ('acts_while_pending', 'right_type'), ('disclosure_after_stop', 'right_type'), ('unlisted_category_count', 'data_category')
        )
),

parts as (
    select metric_code, period_grain, period_start, dimension, sum(numerator) as numerator, sum(denominator) as denominator
    from figures
    where dimension <> 'all'
    group by all
)

select parts.*, whole.numerator as whole_numerator, whole.denominator as whole_denominator
from parts
inner join figures as whole
    on
        whole.dimension = 'all'
        and parts.metric_code = whole.metric_code
        and parts.period_grain = whole.period_grain
        and parts.period_start is not distinct from whole.period_start
where
    parts.numerator is distinct from whole.numerator
    or parts.denominator is distinct from whole.denominator
