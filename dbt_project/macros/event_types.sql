{#-
The event types of a log by their effect in the models. Every type of the contract has one effect here: a type without one stops the
build, because an event of that type would land and change nothing. The order within an effect decides between events of one instant.
-#}
{% macro event_types(log, effect) -%}
{%- set effects = {
    'requests': {
        'receipt': ['received'],
        'acknowledgement': ['acknowledged'],
        'question': ['identity_requested', 'clarification_requested', 'fee_requested'],
        'reply': ['identity_verified', 'clarification_received', 'fee_paid'],
        'notice': ['extended'],
        'revocation': ['extension_revoked'],
        'forwarding': ['forwarded_to_controller'],
        'completion': ['system_completed'],
        'answer': ['fulfilled', 'partially_fulfilled', 'denied'],
        'departure': ['withdrawn', 'excluded'],
        'reopening': ['reopened'],
        'release': ['stop_lifted'],
    },
    'consents': {
        'question': ['shown'],
        'decision': ['given', 'renewed', 'refused', 'withdrawn', 'expired', 'invalidated'],
        'confirmation': ['withdrawal_applied'],
    },
    'retention': {
        'creation': ['created'],
        'activity': ['last_activity'],
        'trigger': ['trigger'],
        'hold': ['hold_placed', 'hold_released'],
        'deletion': ['deleted', 'anonymised'],
        'scan': ['seen'],
    },
    'incidents': {
        'milestone': ['occurred', 'detected', 'contained', 'assessed_no_risk', 'authority_notified', 'subjects_notified', 'closed'],
    },
    'policies': {
        'milestone': ['published', 'effective', 'superseded'],
        'notice': ['change_notified'],
    },
    'remediations': {
        'assignment': ['assigned'],
        'comment': ['commented'],
        'acceptance': ['accepted'],
        'resolution': ['resolved'],
        'reopening': ['reopened'],
        'attestation': ['attested'],
        'withdrawal': ['withdrawn'],
    },
} -%}
{%- for name, by_effect in effects.items() -%}
{%- for code in contract_codes(name, 'event_type') if code not in (by_effect.values() | sum(start=[])) -%}
{%- do exceptions.raise_compiler_error(
    'contract.yml: ' ~ name ~ '.event_type has the code `' ~ code ~ '`, which has no effect in the models.'
    ~ ' Add it to the effect that it has in macros/event_types.sql.'
) -%}
{%- endfor -%}
{%- endfor -%}
{{ return(effects[log][effect]) }}
{%- endmacro %}
