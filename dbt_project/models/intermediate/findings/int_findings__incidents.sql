-- What is wrong with how incidents were answered.
{{ findings_of(
    ref('fct_incidents'),
    "'incidents/' || namespace || '/' || incident_id",
    [
        {'code': 'authority_not_told', 'where': "status = 'open_overdue'", 'told': ['incident_type', 'jurisdiction', 'authority_due_at']},
        {'code': 'authority_told_late', 'where': "status = 'late'", 'told': ['incident_type', 'jurisdiction', 'authority_due_at', 'authority_notified_at'],
         'event': {'kinds': ['authority_notified'], 'at': 'authority_notified_at'}},
        {'code': 'assessed_overdue', 'where': 'assessed_overdue', 'told': ['incident_type', 'jurisdiction', 'authority_due_at', 'assessed_no_risk_at'],
         'event': {'kinds': ['assessed_no_risk'], 'at': 'assessed_no_risk_at'}},
        {'code': 'no_risk_for_many', 'where': 'no_risk_for_many', 'told': ['incident_type', 'jurisdiction', 'affected_subjects', 'assessed_no_risk_at'],
         'event': {'kinds': ['assessed_no_risk'], 'at': 'assessed_no_risk_at'}},
        {'code': 'answered_before_detection', 'where': 'least(authority_notified_at, assessed_no_risk_at) < detected_at',
         'told': ['incident_type', 'jurisdiction', 'authority_notified_at', 'assessed_no_risk_at']},
    ],
    occurred_at='detected_at',
    life='incident_id',
    places={'jurisdiction': 'jurisdiction', 'incident_type': 'incident_type', 'source': 'source'},
    subject_key='null::varchar',
) }}
