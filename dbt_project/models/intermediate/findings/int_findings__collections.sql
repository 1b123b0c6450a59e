-- Findings of collections.
{{ config(meta={'maintained': {'over': ['fct_collections'], 'rows_by': ['entity']}}) }}
{{ findings_of(
    ref('fct_collections'),
    "'collections/' || namespace || '/' || event_id",
    [
        {'code': 'collected_without_notice', 'where': 'not ok_notice', 'detail': ['collection_type', 'feature', 'purpose_code', 'notice_shown_at']},
        {'code': 'purpose_not_declared', 'where': 'not ok_purpose', 'detail': ['purpose_code', 'collection_type', 'feature']},
        {'code': 'unlisted_category', 'where': 'not ok_categories', 'detail': ['unlisted_categories', 'purpose_code']},
        {'code': 'notice_of_another_version', 'where': 'not ok_policy_version', 'detail': ['policy_version', 'notice_shown_at']},
    ],
    places={'collection_type': 'collection_type', 'feature': 'feature', 'purpose_code': 'purpose_code', 'source': 'source'},
) }}
