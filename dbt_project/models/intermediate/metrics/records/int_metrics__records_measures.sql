-- Rates and counts of how record sets ended, by month and dimension. Without a schedule it is undetermined whether a set was
-- deleted early or late, and without a later scan of the system whether a deletion lasted: both count as missed in the worst
-- case. The denominators hold only deletions at risk: of sets with a minimum, of sets that ever had a hold.
{{ measures_by_month(
    ref('int_metrics__records_unit_counts'),
    [
        {'code': 'deletion_timeliness', 'basis': 'deleted', 'denominator': "status in ('deleted_on_time', 'deleted_late')",
         'numerator': "status = 'deleted_on_time'", 'doubtful': "status = 'unscheduled'", 'weight': 'records'},
        {'code': 'early_deletions', 'basis': 'deleted', 'population': "has_minimum or status = 'unscheduled'",
         'assessable': 'has_minimum', 'numerator': "status = 'deleted_early'", 'suspect': "status = 'unscheduled'"},
        {'code': 'deletions_under_hold', 'basis': 'deleted', 'population': 'had_hold', 'numerator': "status = 'deleted_under_hold'"},
        {'code': 'reappeared_records', 'basis': 'gone', 'assessable': "status = 'reappeared' or scanned_after_deletion",
         'numerator': "status = 'reappeared'", 'suspect': "status <> 'reappeared' and not scanned_after_deletion"},
    ],
    {'deleted': 'deleted_month', 'gone': 'gone_month'},
) }}
