-- Erasures that were reported as done and that the retention log or a system does not bear out.
{{ findings_of(
    ref('fct_erasures'),
    "'erasures/' || request_key",
    [
        {'code': 'erasure_incomplete', 'where': "status = 'incomplete'", 'told': ['closed_date', 'missed_records', 'missed_record_count', 'unconfirmed_systems']},
        {'code': 'erasure_of_unknown_person', 'where': "status = 'no_records_found'", 'told': ['closed_date']},
    ],
    occurred_at='closed_at',
    places={'source': 'source', 'right_type': "'erasure'"},
) }}
