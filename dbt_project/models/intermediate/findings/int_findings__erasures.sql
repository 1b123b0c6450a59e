-- Erasures that were reported as fulfilled without matching evidence in the retention log or from a system.
{{ findings_of(
    ref('fct_erasures'),
    "'erasures/' || request_key",
    [
        {'code': 'erasure_incomplete', 'where': "status = 'incomplete'", 'detail': ['closed_date', 'missed_records', 'missed_record_count', 'unconfirmed_systems']},
        {'code': 'erasure_of_unknown_person', 'where': "status = 'no_records_found'", 'detail': ['closed_date']},
    ],
    occurred_at='closed_at',
    places={'source': 'source', 'right_type': "'erasure'"},
) }}
