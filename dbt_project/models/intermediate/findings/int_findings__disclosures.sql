-- Findings of disclosures, one row per disclosure and broken promise.
{{ config(meta={'maintained': {'over': ['fct_disclosures'], 'rows_by': ['entity']}}) }}
{{ findings_of(
    ref('fct_disclosures'),
    "'disclosures/' || namespace || '/' || event_id",
    [
        {'code': 'unlisted_recipient', 'where': 'not ok_recipient', 'detail': ['recipient_id', 'purpose_code', 'record_count']},
        {'code': 'reason_does_not_suit', 'where': 'not ok_reason', 'detail': ['recipient_id', 'recipient_kind', 'reason_code']},
        {'code': 'other_reason', 'where': "reason_code = 'other'", 'detail': ['recipient_id', 'recipient_kind', 'purpose_code']},
        {'code': 'no_agreement', 'where': 'not ok_agreement', 'detail': ['recipient_id', 'recipient_kind', 'record_count']},
        {'code': 'shared_without_consent', 'where': 'not ok_consent', 'detail': ['recipient_id', 'purpose_code', 'record_count']},
        {'code': 'shared_on_unproven_consent', 'where': 'not consent_provable', 'detail': ['recipient_id', 'purpose_code']},
        {'code': 'shared_on_consent_to_no_version', 'where': 'not consent_version_in_force', 'detail': ['recipient_id', 'purpose_code']},
        {'code': 'no_authority_named', 'where': 'not ok_authority', 'detail': ['recipient_id', 'record_count']},
        {'code': 'categories_not_allowed', 'where': 'not ok_categories', 'detail': ['recipient_id', 'forbidden_categories', 'record_count']},
        {'code': 'purpose_not_allowed', 'where': 'not ok_purpose', 'detail': ['recipient_id', 'purpose_code', 'record_count']},
        {'code': 'purpose_not_declared', 'where': 'not purpose_declared', 'detail': ['recipient_id', 'purpose_code', 'record_count']},
        {'code': 'transfer_without_safeguard', 'where': 'not ok_transfer', 'detail': ['recipient_id', 'destination_country', 'agreement_ref']},
        {'code': 'destination_unknown', 'where': 'ok_transfer is null', 'detail': ['recipient_id', 'agreement_ref', 'record_count']},
        {'code': 'sale', 'where': 'not ok_no_sale', 'detail': ['recipient_id', 'consideration', 'record_count']},
        {'code': 'consideration_unknown', 'where': 'ok_no_sale is null', 'detail': ['recipient_id', 'purpose_code', 'record_count']},
        {'code': 'not_told_of_sharing', 'where': 'not ok_told', 'detail': ['recipient_id', 'disclosed_to_subject_at']},
        {'code': 'shared_without_person', 'where': 'subject_key is null and not exempt_told', 'detail': ['recipient_id', 'purpose_code', 'record_count']},
        {'code': 'shared_after_stop', 'where': 'not ok_not_stopped', 'detail': ['recipient_id', 'purpose_code', 'stopped_by', 'stopped_right_types', 'stopped_at'], 'stop': 'stopped_by'},
    ],
    places={'recipient_id': 'recipient_id', 'purpose_code': 'purpose_code', 'source': 'source'},
    rights='stopped_right_types',
) }}
