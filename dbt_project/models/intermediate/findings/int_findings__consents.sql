-- Active consents that can't be proven.
{{ config(meta={'maintained': {'over': ['fct_consents'], 'rows_by': ['finding_code', 'entity', 'cause']}}) }}
{{ findings_of(
    ref('fct_consents'),
    "'consents/' || namespace || '/' || event_id",
    [{'code': 'consent_not_provable', 'where': "state = 'active' and valid_to is null and not provable",
      'detail': ['purpose_code', 'policy_version', 'notice_id', 'mechanism']}],
    occurred_at='valid_from',
    places={'purpose_code': 'purpose_code', 'source': 'source'},
) }}
