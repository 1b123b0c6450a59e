-- Changed keys: the entities whose findings, and their ages, this build replaces. Those of consents, disclosures, collections,
-- processing and record sets change with their facts; all others where what they are computed from differs from the previous build. An
-- act of remediation is a finding while its group has a case, so that these are replaced in any case. Where a target came into force or
-- ended since the previous build, findings may count against another control, so that all are replaced. Empty in a full refresh.
with
instants as (
    select
        timezone(instants.time_zone, instants.as_of)::date as today,
        timezone(instants.time_zone, state.as_of)::date as day_before,
    from {{ source('run', 'run_instants') }} as instants
    cross join {{ source('run', 'build_state') }} as state
),

changed_targets as (
    select targets.control_id
    from {{ source('pack', 'control_metrics') }} as targets
    inner join instants on ({{ in_force('targets', 'instants.today') }}) <> ({{ in_force('targets', 'instants.day_before') }})
),

stored_findings as (
    {{ previous_rows('fct_findings', {'entity': 'varchar'}) }}
),

changed_entities as (
    select entity
    from {{ ref('int_findings__fingerprints') }}
    where fingerprint is distinct from previous_fingerprint
    union
    select entity
    from {{ ref('int_findings__remediations') }}
    union
    select entity
    from stored_findings
    where exists (select 1 from changed_targets)
    {% for log in logs_followed_by_event() -%}
    union
    select '{{ log }}/' || namespace || '/' || event_id
    from {{ ref('int_' ~ log ~ '__changed') }}
    {% endfor -%}
    union
    select 'consents/' || namespace || '/' || event_id
    from {{ ref('int_consents__recomputed') }}
    union
    select 'consents/' || namespace || '/' || event_id
    from {{ events_with_new_versions('consents') }}
    union
    select 'retention/' || record_key
    from {{ ref('int_record_states__changed') }}
)

select entity
from changed_entities
{% if is_full_refresh() %}where false{% endif %}
