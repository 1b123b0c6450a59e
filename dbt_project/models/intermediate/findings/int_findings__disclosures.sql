-- What is wrong with disclosures, one row per disclosure and promise that it broke.
{{ findings_of(
    ref('fct_disclosures'),
    "'disclosures/' || namespace || '/' || event_id",
    [
        {'code': 'unlisted_recipient', 'where': 'not ok_recipient', 'told': ['recipient_id', 'purpose_code', 'record_count']},
        {'code': 'reason_does_not_suit', 'where': 'not ok_reason', 'told': ['recipient_id', 'recipient_kind', 'reason_code']},
        {'code': 'other_reason', 'where': "reason_code = 'other'", 'told': ['recipient_id', 'recipient_kind', 'purpose_code']},
        {'code': 'no_agreement', 'where': 'not ok_agreement', 'told': ['recipient_id', 'recipient_kind', 'record_count']},
        {'code': 'shared_without_consent', 'where': 'not ok_consent', 'told': ['recipient_id', 'purpose_code', 'record_count']},
        {'code': 'no_authority_named', 'where': 'not ok_authority', 'told': ['recipient_id', 'record_count']},
        {'code': 'categories_not_allowed', 'where': 'not ok_categories', 'told': ['recipient_id', 'forbidden_categories', 'record_count']},
        {'code': 'purpose_not_allowed', 'where': 'not ok_purpose', 'told': ['recipient_id', 'purpose_code', 'record_count']},
        {'code': 'purpose_not_declared', 'where': 'not purpose_declared', 'told': ['recipient_id', 'purpose_code', 'record_count']},
        {'code': 'transfer_without_safeguard', 'where': 'not ok_transfer', 'told': ['recipient_id', 'destination_country', 'agreement_ref']},
        {'code': 'sale', 'where': 'not ok_no_sale', 'told': ['recipient_id', 'consideration', 'record_count']},
        {'code': 'not_told_of_sharing', 'where': 'not ok_told', 'told': ['recipient_id', 'disclosed_to_subject_at']},
        {'code': 'shared_without_person', 'where': 'subject_key is null and not exempt_told', 'told': ['recipient_id', 'purpose_code', 'record_count']},
        {'code': 'shared_after_stop', 'where': 'not ok_not_stopped', 'told': ['recipient_id', 'purpose_code', 'stopped_by', 'stopped_right_types', 'stopped_at'], 'stop': 'stopped_by'},
    ],
    places={'recipient_id': 'recipient_id', 'purpose_code': 'purpose_code', 'source': 'source'},
    rights='stopped_right_types',
) }}
