-- Attestations of controls that people assess: those of the pack, and those of the log of remediations.
select control_id, assessed_on, valid_to, result, assessor_role
from {{ source('pack', 'attestations') }}
union all by name
select control_id, occurred_date as assessed_on, valid_until + 1 as valid_to, result, role as assessor_role
from {{ ref('fct_remediation_events') }}
where event_type in {{ known_codes(event_types('remediations', 'attestation')) }} and not is_withdrawn
