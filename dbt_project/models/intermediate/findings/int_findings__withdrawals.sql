-- Systems that did not confirm a withdrawal in the hours that the pack gives them.
{{ config(meta={'maintained': {'over': ['fct_withdrawal_systems'], 'rows_by': ['finding_code', 'entity', 'cause']}}) }}
{{ findings_of(
    ref('fct_withdrawal_systems'),
    "coalesce('requests/' || request_key, 'consents/' || namespace || '/' || event_id)",
    [{'code': 'withdrawal_unconfirmed', 'where': 'not in_time', 'detail': ['purpose_code', 'system', 'confirm_by', 'applied_at']}],
    cause="if(request_key is null, system, purpose_code || '|' || system)",
    occurred_at='withdrawn_at',
    places={'purpose_code': 'purpose_code', 'source': 'source', 'system': 'system'},
) }}
