-- Findings of record sets. A set that reappeared or was deleted late stays on the list: it happened.
{{ config(meta={'maintained': {'over': ['fct_records'], 'rows_by': ['entity']}}) }}
{% set deletion = {'kinds': event_types('retention', 'deletion'), 'at': 'deleted_at'} %}
{% set deletion_under_hold = dict(deletion, earlier=['hold_placed']) %}
{% set return = {'kinds': ['seen', 'last_activity'], 'at': 'reappeared_at', 'earlier': event_types('retention', 'deletion')} %}
{% set beginning = {'kinds': ['created', 'last_activity', 'trigger'], 'at': 'trigger_at'} %}
{% set waiting = ['data_category', 'system', 'schedule_id', 'record_count', 'records_left'] %}
{% set places = {
    'data_category': 'data_category', 'purpose_code': 'purpose_code', 'system': 'system', 'source': 'source',
    'contract': contract_of('rows_with_findings'),
} %}
(
{{ findings_of(
    ref('fct_records'),
    "'retention/' || record_key",
    [
        {'code': 'over_retained', 'where': "status = 'over_retained'", 'detail': ['data_category', 'system', 'schedule_id', 'delete_by', 'record_count', 'records_left'], 'event': beginning},
        {'code': 'deleted_late', 'where': "status = 'deleted_late'", 'detail': ['data_category', 'system', 'schedule_id', 'delete_by', 'deleted_date', 'over_days', 'record_count'], 'event': deletion},
        {'code': 'deleted_early', 'where': "status = 'deleted_early'", 'detail': ['data_category', 'system', 'schedule_id', 'keep_until', 'deleted_date', 'record_count'], 'event': deletion},
        {'code': 'deleted_under_hold', 'where': "status = 'deleted_under_hold'", 'detail': ['data_category', 'system', 'deleted_date', 'record_count'], 'event': deletion_under_hold},
        {'code': 'reappeared', 'where': "status = 'reappeared'", 'detail': ['data_category', 'system', 'deleted_date', 'reappeared_at', 'record_count'], 'event': return},
        {'code': 'trigger_overdue', 'where': 'trigger_overdue', 'detail': waiting + ['trigger_due_by']},
        {'code': 'hold_not_reviewed', 'where': 'len(holds_not_reviewed) > 0', 'detail': waiting + ['hold_unreviewed_since'], 'event': {'kinds': ['hold_placed'], 'at': 'hold_unreviewed_since'}},
        {'code': 'hold_on_overdue', 'where': 'held_when_overdue', 'detail': waiting + ['delete_by', 'held_days']},
        {'code': 'activity_looks_automatic', 'where': 'activity_looks_automatic', 'detail': waiting + ['activity_automatic_at'], 'event': {'kinds': ['last_activity'], 'at': 'activity_automatic_at'}},
        {'code': 'purpose_not_declared', 'where': 'not purpose_declared', 'detail': ['data_category', 'purpose_code', 'system', 'record_count']},
        {'code': 'unscheduled', 'where': "status = 'unscheduled' and is_alive", 'detail': ['data_category', 'purpose_code', 'jurisdiction', 'system', 'record_count', 'records_left']},
    ],
    occurred_at='created_at',
    life='record_id',
    places=places,
) }}
)
union all by name
-- The terms of an unknown contract are undetermined: it concerns only the controls on records under a contract.
(
{{ findings_of(
    ref('fct_records'),
    "'retention/' || record_key",
    [
        {'code': 'contract_without_terms', 'where': 'lacks_contract_terms', 'detail': ['contract_ref', 'data_category', 'system', 'record_count']},
    ],
    occurred_at='created_at',
    places={'contract': "'with_terms'", 'all': "'none'"},
) }}
)
