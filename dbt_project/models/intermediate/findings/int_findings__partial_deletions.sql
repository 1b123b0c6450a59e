-- Findings of deletions of a part of a record set, each on its own date.
{% set deletion = {'kinds': event_types('retention', 'deletion'), 'at': 'deleted_at'} %}
{% set deletion_under_hold = dict(deletion, earlier=['hold_placed']) %}
{% set places = {
    'data_category': 'data_category', 'purpose_code': 'purpose_code', 'system': 'system', 'source': 'source',
    'contract': contract_of('rows_with_findings'),
} %}
{{ findings_of(
    ref('int_records__partial_deletion_states'),
    "'retention/' || record_key",
    [
        {'code': 'deleted_late', 'where': "status = 'deleted_late'", 'detail': ['data_category', 'system', 'schedule_id', 'delete_by', 'deleted_date', 'over_days', 'records_deleted'], 'event': deletion},
        {'code': 'deleted_early', 'where': "status = 'deleted_early'", 'detail': ['data_category', 'system', 'schedule_id', 'keep_until', 'deleted_date', 'records_deleted'], 'event': deletion},
        {'code': 'deleted_under_hold', 'where': "status = 'deleted_under_hold'", 'detail': ['data_category', 'system', 'deleted_date', 'records_deleted'], 'event': deletion_under_hold},
    ],
    cause='event_id',
    life='record_id',
    places=places,
) }}
