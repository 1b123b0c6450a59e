-- Every rate and count of the processing log by month and dimension. An act of which the log does not know on what basis it was
-- done, or whether a person decided, can't be judged where that matters: in the worst case it is a miss.
{{ counted(
    ref('int_metrics__processing_cases'),
    [
        {'code': 'consent_required_on_other_basis', 'basis': 'occurred', 'population': 'ok_basis is not null or may_lack_consent',
         'judges': 'ok_basis is not null', 'numerator': 'not ok_basis', 'suspect': 'may_lack_consent'},
        {'code': 'processing_without_consent', 'basis': 'occurred', 'population': 'ok_consent is not null or is_on_unknown_basis',
         'judges': 'ok_consent is not null', 'numerator': 'not ok_consent', 'suspect': 'is_on_unknown_basis'},
        {'code': 'processing_after_stop', 'basis': 'occurred', 'population': 'ok_not_stopped is not null or may_be_bound or is_on_changed_basis',
         'judges': 'ok_not_stopped is not null and ' ~ is_at_risk(rights_that_stop()),
         'numerator': 'not ok_not_stopped', 'suspect': 'may_be_bound or is_on_changed_basis'},
        {'code': 'automated_decisions_after_objection', 'basis': 'occurred', 'population': 'ok_no_automated_decision is not null or may_be_automated',
         'judges': 'ok_no_automated_decision is not null and ' ~ is_at_risk(rights_against_automated_decisions()),
         'numerator': 'not ok_no_automated_decision', 'suspect': 'may_be_automated'},
    ],
    {'occurred': 'occurred_month'},
) }}
union all by name
{{ counted_after_stops(ref('int_metrics__processing_cases'), 'processing_after_stop', rights_that_stop(), {'objection': 'is_on_changed_basis'}) }}
