-- Systems that did not confirm a withdrawal in time, by month and dimension. Where no system was expected nobody can say that
-- the withdrawal held, so at worst it did not.
{{ counted(
    ref('int_metrics__withdrawals_cases'),
    [{'code': 'withdrawal_unconfirmed', 'basis': 'withdrawn', 'population': 'in_time is not null or not has_system',
      'judges': 'has_system', 'numerator': 'not in_time', 'suspect': 'not has_system'}],
    {'withdrawn': 'withdrawn_month'},
) }}
