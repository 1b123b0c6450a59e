-- Every rate of the collections log by month and dimension.
{{ measures_by_month(
    ref('int_metrics__collections_unit_counts'),
    [
        {'code': 'notice_at_collection_rate', 'basis': 'occurred', 'denominator': 'ok_notice is not null', 'numerator': 'ok_notice'},
        {'code': 'notice_exempt_rate', 'basis': 'occurred', 'denominator': 'true', 'numerator': 'is_exempt'},
    ],
    {'occurred': 'occurred_month'},
) }}
