-- Every rate of decisions about consent by month and dimension.
{{ measures_by_month(
    ref('int_metrics__consents_unit_counts'),
    [
        {'code': 'consent_opt_in_rate', 'basis': 'decided', 'population': 'decided_month is not null',
         'denominator': 'is_given or is_refused', 'numerator': 'is_given'},
        {'code': 'consent_opt_in_rate_of_shown', 'basis': 'shown', 'population': 'shown_month is not null',
         'denominator': 'true', 'numerator': 'is_given'},
        {'code': 'consent_opt_in_rate_of_all', 'basis': 'met', 'population': 'met_month is not null',
         'denominator': 'true', 'numerator': 'is_given'},
    ],
    {'decided': 'decided_month', 'shown': 'shown_month', 'met': 'met_month'},
) }}
