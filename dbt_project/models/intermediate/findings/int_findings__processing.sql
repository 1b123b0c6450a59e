-- Findings of processing operations.
{{ config(meta={'maintained': {'over': ['fct_processing'], 'rows_by': ['entity']}}) }}
{{ findings_of(
    ref('fct_processing'),
    "'processing/' || namespace || '/' || event_id",
    [
        {'code': 'purpose_not_declared', 'where': 'not ok_purpose', 'detail': ['purpose_code', 'system']},
        {'code': 'consent_required', 'where': 'not ok_basis', 'detail': ['purpose_code', 'system', 'legal_basis']},
        {'code': 'processed_without_consent', 'where': 'not ok_consent', 'detail': ['purpose_code', 'system']},
        {'code': 'processed_on_unproven_consent', 'where': 'not consent_provable', 'detail': ['purpose_code', 'system']},
        {'code': 'processed_on_consent_to_no_version', 'where': 'not consent_version_in_force', 'detail': ['purpose_code', 'system']},
        {'code': 'processed_after_stop', 'where': 'not ok_not_stopped', 'detail': ['purpose_code', 'system', 'legal_basis', 'stopped_by', 'stopped_right_types', 'stopped_at'], 'stop': 'stopped_by'},
        {'code': 'basis_changed_after_objection', 'where': 'bases_before_objection is not null', 'detail': ['purpose_code', 'system', 'legal_basis', 'bases_before_objection']},
        {'code': 'processed_while_pending', 'where': "pending_request is not null and legal_basis <> 'unknown'", 'detail': ['purpose_code', 'system', 'legal_basis', 'pending_request', 'pending_right_types'], 'stop': 'pending_request'},
        {'code': 'decided_automatically_after_objection', 'where': 'not ok_no_automated_decision', 'detail': ['purpose_code', 'system', 'decision_stopped_by', 'decision_stopped_right_type'], 'stop': 'decision_stopped_by'},
        {'code': 'unlisted_category', 'where': 'not ok_categories', 'detail': ['unlisted_categories', 'purpose_code', 'system']},
    ],
    places={'purpose_code': 'purpose_code', 'system': 'system', 'source': 'source'},
    rights="coalesce(stopped_right_types, []) || if(bases_before_objection is not null, ['objection'], [])",
) }}
