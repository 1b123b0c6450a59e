-- Every rate and count of how record sets ended, by month and dimension. Whether what no schedule covers went too early or too
-- late nobody can say, nor whether what was deleted stays gone where its system was never scanned afterwards: at worst it did not.
-- Only deletions at risk count: of sets with a minimum, of sets that ever had a hold.
{{ counted(
    ref('int_metrics__records_cases'),
    [
        {'code': 'deletion_timeliness', 'basis': 'deleted', 'denominator': "status in ('deleted_on_time', 'deleted_late')",
         'numerator': "status = 'deleted_on_time'", 'doubtful': "status = 'unscheduled'", 'weight': 'records'},
        {'code': 'early_deletions', 'basis': 'deleted', 'population': "has_minimum or status = 'unscheduled'",
         'judges': 'has_minimum', 'numerator': "status = 'deleted_early'", 'suspect': "status = 'unscheduled'"},
        {'code': 'deletions_under_hold', 'basis': 'deleted', 'population': 'had_hold', 'numerator': "status = 'deleted_under_hold'"},
        {'code': 'reappeared_records', 'basis': 'gone', 'judges': "status = 'reappeared' or scanned_after_deletion",
         'numerator': "status = 'reappeared'", 'suspect': "status <> 'reappeared' and not scanned_after_deletion"},
    ],
    {'deleted': 'deleted_month', 'gone': 'gone_month'},
) }}
