-- Systems that did not confirm a withdrawal in time, by month and dimension. A withdrawal for which the pack names no system
-- is unconfirmed in the worst case.
{{ measures_by_month(
    ref('int_metrics__withdrawals_unit_counts'),
    [{'code': 'withdrawal_unconfirmed', 'basis': 'withdrawn', 'population': 'in_time is not null or not has_system',
      'assessable': 'has_system', 'numerator': 'not in_time', 'suspect': 'not has_system'}],
    {'withdrawn': 'withdrawn_month'},
) }}
