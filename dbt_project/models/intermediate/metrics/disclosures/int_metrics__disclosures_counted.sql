-- Every rate and count of the disclosures log by month and dimension. What suits a recipient whom no register knows, and whether
-- a destination that nobody told is safe, can't be judged: each is a miss at worst.
{{ counted(
    ref('int_metrics__disclosures_cases'),
    [
        {'code': 'within_policy_rate', 'basis': 'occurred', 'denominator': 'true', 'numerator': 'within_policy'},
        {'code': 'within_policy_rate_by_records', 'basis': 'occurred', 'denominator': 'true', 'numerator': 'within_policy', 'weight': 'records'},
        {'code': 'disclosure_reason_rate', 'basis': 'occurred', 'denominator': 'ok_reason is not null', 'numerator': 'ok_reason',
         'doubtful': 'ok_recipient is false'},
        {'code': 'disclosure_told_rate', 'basis': 'occurred', 'denominator': 'ok_told is not null', 'numerator': 'ok_told'},
        {'code': 'told_exempt_rate', 'basis': 'occurred', 'denominator': 'true', 'numerator': 'exempt_told'},
        {'code': 'sale_count', 'basis': 'occurred', 'numerator': 'not ok_no_sale'},
        {'code': 'disclosure_without_consent', 'basis': 'occurred', 'population': 'ok_consent is not null', 'numerator': 'not ok_consent'},
        {'code': 'unlisted_recipient_count', 'basis': 'occurred', 'population': 'ok_recipient is not null', 'numerator': 'not ok_recipient'},
        {'code': 'agreement_coverage', 'basis': 'occurred', 'denominator': 'ok_agreement is not null', 'numerator': 'ok_agreement',
         'doubtful': 'ok_recipient is false'},
        {'code': 'transfer_coverage', 'basis': 'occurred', 'denominator': 'ok_transfer is not null', 'numerator': 'ok_transfer',
         'doubtful': 'may_have_gone_anywhere'},
        {'code': 'disclosure_after_stop', 'basis': 'occurred', 'population': 'ok_not_stopped is not null', 'numerator': 'not ok_not_stopped'},
    ],
    {'occurred': 'occurred_month'},
) }}
union all by name
{{ counted_after_stops(ref('int_metrics__disclosures_cases'), 'disclosure_after_stop', ['erasure', 'objection', 'restriction', 'opt_out_sale_share']) }}
