-- Whether each purpose was declared in the pack on its day, by month and dimension: of what was collected and processed as a
-- share, of every log as a count.
{{ measures_by_month(
    ref('int_metrics__purposes_unit_counts'),
    [
        {'code': 'purpose_limitation_rate', 'basis': 'named', 'population': 'is_limited', 'denominator': 'is_declared is not null',
         'numerator': 'is_declared'},
        {'code': 'undeclared_purpose_count', 'basis': 'named', 'assessable': 'is_declared is not null', 'numerator': 'not is_declared'},
    ],
    {'named': 'named_month'},
) }}
