-- Every rate and count of how record sets ended, by month and dimension. Whether what no schedule covers went too early or too
-- late nobody can say: at worst it did.
{{ counted(
    ref('int_metrics__records_cases'),
    [
        {'code': 'deletion_timeliness', 'basis': 'deleted', 'denominator': "status in ('deleted_on_time', 'deleted_late')",
         'numerator': "status = 'deleted_on_time'", 'doubtful': "status = 'unscheduled'"},
        {'code': 'early_deletions', 'basis': 'deleted', 'numerator': "status = 'deleted_early'",
         'judges': "status <> 'unscheduled'", 'suspect': "status = 'unscheduled'"},
        {'code': 'deletions_under_hold', 'basis': 'deleted', 'numerator': "status = 'deleted_under_hold'"},
        {'code': 'reappeared_records', 'basis': 'gone', 'numerator': "status = 'reappeared'"},
    ],
    {'deleted': 'deleted_month', 'gone': 'gone_month'},
) }}
