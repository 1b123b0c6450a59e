-- Withdrawals by request that the consent log did not record in the hours that the pack gives.
{{ findings_of(
    ref('int_consents__ended_by_request'),
    "'requests/' || request_key",
    [{'code': 'withdrawal_not_recorded', 'where': 'not recorded_in_time', 'detail': ['purpose_code', 'ended_at', 'is_unanswered', 'record_by', 'recorded_at']}],
    cause='purpose_code',
    occurred_at='ended_at',
    places={'purpose_code': 'purpose_code', 'source': 'source'},
) }}
