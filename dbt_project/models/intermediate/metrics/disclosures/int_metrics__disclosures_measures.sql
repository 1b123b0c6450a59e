-- Rates and counts of the disclosures log by month and dimension. Undetermined, and missed in the worst case: the reason
-- towards an unlisted recipient, a transfer to an unknown destination, an unknown consideration, the consent or notification
-- of an unnamed person, and whether an opt-out covers a possible sale.
{% set rights = rights_that_stop() + ['opt_out_sale_share'] %}
{% set unknown = 'ok_no_sale is null or lacks_consenting_person or lacks_person_to_notify or may_be_bound or may_have_gone_anywhere' %}
{{ measures_by_month(
    ref('int_metrics__disclosures_unit_counts'),
    [
        {'code': 'within_policy_rate', 'basis': 'occurred', 'denominator': 'true', 'numerator': 'within_policy',
         'doubtful': unknown},
        {'code': 'within_policy_rate_by_records', 'basis': 'occurred', 'denominator': 'true', 'numerator': 'within_policy', 'weight': 'records',
         'doubtful': unknown},
        {'code': 'disclosure_reason_rate', 'basis': 'occurred', 'denominator': 'ok_reason is not null', 'numerator': 'ok_reason',
         'doubtful': 'ok_recipient is false'},
        {'code': 'authority_coverage', 'basis': 'occurred', 'denominator': 'ok_authority is not null', 'numerator': 'ok_authority',
         'doubtful': 'ok_recipient is false'},
        {'code': 'disclosure_purpose_coverage', 'basis': 'occurred', 'denominator': 'ok_purpose is not null', 'numerator': 'ok_purpose',
         'doubtful': 'ok_recipient is false'},
        {'code': 'disclosure_category_coverage', 'basis': 'occurred', 'denominator': 'ok_categories is not null', 'numerator': 'ok_categories',
         'doubtful': 'ok_recipient is false'},
        {'code': 'disclosure_told_rate', 'basis': 'occurred', 'denominator': 'ok_told is not null', 'numerator': 'ok_told',
         'doubtful': 'lacks_person_to_notify'},
        {'code': 'disclosure_told_rate_by_records', 'basis': 'occurred', 'denominator': 'ok_told is not null', 'numerator': 'ok_told',
         'weight': 'records', 'doubtful': 'lacks_person_to_notify'},
        {'code': 'told_exempt_rate', 'basis': 'occurred', 'denominator': 'true', 'numerator': 'exempt_told'},
        {'code': 'disclosure_reason_other_count', 'basis': 'occurred', 'numerator': 'is_for_another_reason'},
        {'code': 'sale_count', 'basis': 'occurred', 'assessable': 'ok_no_sale is not null', 'numerator': 'not ok_no_sale',
         'suspect': 'ok_no_sale is null'},
        {'code': 'disclosure_without_consent', 'basis': 'occurred', 'population': 'ok_consent is not null or lacks_consenting_person',
         'assessable': 'ok_consent is not null', 'numerator': 'not ok_consent', 'suspect': 'lacks_consenting_person'},
        {'code': 'unlisted_recipient_count', 'basis': 'occurred', 'population': 'ok_recipient is not null', 'numerator': 'not ok_recipient'},
        {'code': 'agreement_coverage', 'basis': 'occurred', 'denominator': 'ok_agreement is not null', 'numerator': 'ok_agreement',
         'doubtful': 'ok_recipient is false'},
        {'code': 'transfer_coverage', 'basis': 'occurred', 'denominator': 'ok_transfer is not null', 'numerator': 'ok_transfer',
         'doubtful': 'may_have_gone_anywhere'},
        {'code': 'disclosure_after_stop', 'basis': 'occurred', 'population': 'ok_not_stopped is not null or may_be_bound',
         'assessable': 'ok_not_stopped is not null and ' ~ is_at_risk(rights), 'numerator': 'not ok_not_stopped', 'suspect': 'may_be_bound'},
    ],
    {'occurred': 'occurred_month'},
) }}
union all by name
{{ measures_after_stops(ref('int_metrics__disclosures_unit_counts'), 'disclosure_after_stop', rights) }}
