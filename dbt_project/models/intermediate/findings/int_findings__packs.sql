-- Rows of the policy pack that were changed retroactively: they apply to days that were already over.
select
    'retroactive_rule' as finding_code,
    'pack/' || register as entity,
    row_key || '|' || kind || '|' || pack_sha256 as cause,
    landed_at as occurred_at,
    landed_at as first_seen_at,
    to_json({register: register, row: row_key, kind: kind, columns: columns, valid_from: valid_from})::varchar as detail
from {{ source('pack', 'retroactive_changes') }}
