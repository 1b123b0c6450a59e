-- Every rate and count of the processing log by month and dimension.
{{ counted(
    ref('int_metrics__processing_cases'),
    [
        {'code': 'purpose_limitation_rate', 'basis': 'occurred', 'denominator': 'ok_purpose is not null', 'numerator': 'ok_purpose'},
        {'code': 'consent_required_on_other_basis', 'basis': 'occurred', 'population': 'ok_basis is not null', 'numerator': 'not ok_basis'},
        {'code': 'processing_without_consent', 'basis': 'occurred', 'population': 'ok_consent is not null', 'numerator': 'not ok_consent'},
        {'code': 'processing_after_stop', 'basis': 'occurred', 'population': 'ok_not_stopped is not null', 'numerator': 'not ok_not_stopped'},
        {'code': 'automated_decisions_after_objection', 'basis': 'occurred', 'population': 'ok_no_automated_decision is not null',
         'numerator': 'not ok_no_automated_decision'},
    ],
    {'occurred': 'occurred_month'},
) }}
union all by name
{{ counted_after_stops(ref('int_metrics__processing_cases'), 'processing_after_stop', ['erasure', 'objection', 'restriction']) }}
