-- Systems that did not confirm a withdrawal in time, by month and dimension.
{{ counted(
    ref('int_metrics__withdrawals_cases'),
    [{'code': 'withdrawal_unconfirmed', 'basis': 'withdrawn', 'population': 'in_time is not null', 'numerator': 'not in_time'}],
    {'withdrawn': 'withdrawn_month'},
) }}
