{#-
The rates and counts of the requests log as data: int_metrics__requests_measures loops over them.

code         the metric
basis        the date that places a unit: received, due (the closed date where there is none), ack_due, closed, none (to_date only)
population   the units that the metric covers
denominator  those that are in the denominator; none = the metric is a count
numerator    those that are counted
assessable   those of a count's population that are at risk; none = all
pending      those that will fall into the denominator later
doubtful     those whose good result counts in the value and not in the worst case
by_rule      whether the dates of a rule decide it, so that a unit without a rule is undetermined
-#}
{% macro request_measures() %}
{%- set answered_or_overdue = "in ('closed_on_time', 'closed_late', 'open_overdue')" -%}
{%- set running = "in ('open_in_time', 'paused')" -%}
{%- set measures = [
    {'code': 'deadline_adherence', 'basis': 'due', 'by_rule': true, 'population': "not is_declared",
     'denominator': "status " ~ answered_or_overdue, 'numerator': "status = 'closed_on_time'",
     'pending': "status " ~ running, 'doubtful': 'is_doubtful'},
    {'code': 'deadline_adherence_strict', 'basis': 'due', 'by_rule': true, 'population': "not is_declared",
     'denominator': "strict_status " ~ answered_or_overdue, 'numerator': "strict_status = 'closed_on_time'",
     'pending': "strict_status " ~ running, 'doubtful': 'is_doubtful'},
    {'code': 'declared_adherence', 'basis': 'due', 'population': "is_declared",
     'denominator': "status " ~ answered_or_overdue, 'numerator': "status = 'closed_on_time'",
     'pending': "status " ~ running, 'doubtful': 'is_doubtful'},
    {'code': 'acknowledgement_adherence', 'basis': 'ack_due', 'by_rule': true, 'population': "ack_status is not null",
     'denominator': "status <> 'excluded' and ack_status in ('on_time', 'late', 'open_overdue')",
     'numerator': "status <> 'excluded' and ack_status = 'on_time'", 'pending': "status <> 'excluded' and ack_status = 'open_in_time'",
     'doubtful': 'is_acknowledged_too_early or left_unacknowledged'},
    {'code': 'forwarding_rate', 'basis': 'received', 'population': "forwarding_status is not null",
     'denominator': "forwarding_status <> 'open_in_time'", 'numerator': "forwarding_status = 'on_time'",
     'pending': "forwarding_status = 'open_in_time'"},
    {'code': 'requests_received', 'basis': 'received', 'numerator': 'true'},
    {'code': 'exclusion_rate', 'basis': 'received', 'denominator': 'true', 'numerator': "status = 'excluded'"},
    {'code': 'ways_out_rate', 'basis': 'received', 'denominator': 'true', 'numerator': 'has_left_the_clock'},
    {'code': 'intake_lag_unknown_rate', 'basis': 'received', 'denominator': 'true', 'numerator': 'not is_intake_known'},
    {'code': 'max_achievable_adherence', 'basis': 'received', 'by_rule': true,
     'denominator': "status in ('closed_on_time', 'open_in_time', 'paused', 'closed_late', 'open_overdue')",
     'numerator': "status in ('closed_on_time', 'open_in_time', 'paused')", 'doubtful': 'is_doubtful or is_undated'},
    {'code': 'extension_rate', 'basis': 'received', 'by_rule': true,
     'denominator': 'true', 'numerator': "extension_status = 'valid'"},
    {'code': 'invalid_extension_count', 'basis': 'received', 'by_rule': true,
     'numerator': "extension_status in ('late', 'not_permitted')"},
    {'code': 'declared_deadline_disagreement', 'basis': 'received', 'by_rule': true,
     'population': 'declared_differs is not null', 'denominator': 'declared_differs is not null', 'numerator': 'declared_differs'},
    {'code': 'denial_rate', 'basis': 'closed', 'population': 'is_closed',
     'denominator': 'is_closed', 'numerator': "is_closed and outcome = 'denied'"},
    {'code': 'denial_without_ground_count', 'basis': 'closed', 'population': 'is_closed',
     'assessable': "outcome = 'denied'", 'numerator': "is_closed and is_denied_without_ground"},
    {'code': 'closed_while_paused_count', 'basis': 'closed', 'population': 'is_closed',
     'numerator': "is_closed and closed_while_paused"},
    {'code': 'overdue_open', 'basis': 'none', 'by_rule': true, 'numerator': "status = 'open_overdue'"},
] -%}
{{ return(measures) }}
{% endmacro %}

{#- The adherences of the requests log: no evidence where too many requests were excluded or paused. -#}
{% macro adherences_of_requests() %}
{{ return([
    'deadline_adherence', 'deadline_adherence_strict', 'declared_adherence', 'acknowledgement_adherence', 'max_achievable_adherence',
]) }}
{% endmacro %}

{#- The dimensions of every request metric beside `all`. -#}
{% macro request_dimensions() %}
{{ return(['jurisdiction', 'regime_code', 'right_type', 'channel', 'source']) }}
{% endmacro %}

{% macro known_codes(codes) -%}
('{{ codes | join("', '") }}')
{%- endmacro %}

{#- The classes of a row before and after the mapping, and how they add up, as the ledger counts them. -#}
{% macro row_counts() %}
{{ return([
    'source_rows', 'mapped', 'skipped', 'unmapped', 'held_back',
    'read', 'landed', 'duplicate', 'superseding', 'conflicting', 'quarantined',
]) }}
{% endmacro %}
