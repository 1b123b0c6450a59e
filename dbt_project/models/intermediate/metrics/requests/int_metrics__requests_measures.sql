-- Every rate and count of the requests log by month and dimension.
{{ measures_by_month(
    ref('int_metrics__requests_unit_counts'),
    request_measures(),
    {'due': 'due_month', 'ack_due': 'ack_due_month', 'received': 'received_month', 'closed': 'closed_month', 'none': 'null::date'},
    determined='is_determined',
    determined_by_rule="is_determined and status <> 'no_rule'",
) }}
