-- Of what was done or shared on a consent, how much rests on one that can be proven, by month and dimension. A consent that was
-- withdrawn since was used all the same.
{{ measures_by_month(
    ref('int_metrics__consent_uses_unit_counts'),
    [
        {'code': 'consent_provable_at_use', 'basis': 'occurred', 'denominator': 'true', 'numerator': 'coalesce(consent_provable, false)'},
        {'code': 'consent_version_in_force_at_use', 'basis': 'occurred', 'denominator': 'true', 'numerator': 'coalesce(consent_version_in_force, false)'},
    ],
    {'occurred': 'occurred_month'},
) }}
