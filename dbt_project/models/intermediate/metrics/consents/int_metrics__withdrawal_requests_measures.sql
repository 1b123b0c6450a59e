-- Withdrawals by request that the consent log did not record in time, by month of the withdrawal and dimension.
{{ measures_by_month(
    ref('int_metrics__withdrawal_requests_unit_counts'),
    [{'code': 'withdrawal_not_recorded_count', 'basis': 'withdrawn', 'population': 'recorded_in_time is not null',
      'numerator': 'not recorded_in_time'}],
    {'withdrawn': 'withdrawn_month'},
) }}
