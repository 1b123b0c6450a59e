-- Changed keys: the entities whose stored findings this build replaces. Findings of consents, disclosures, collections, processing
-- and record sets change with their facts; all others, those of their landed rows and of sets that were created again among them, are
-- replaced as a whole. Where a target came into force or ended since the previous build, findings may count against another
-- control, so that all are replaced. Empty in a full refresh.
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
    {{ previous_rows('fct_findings', {'entity': 'varchar', 'area': 'varchar'}) }}
),

-- With the findings that have ended.
stored_ages as (
    {{ previous_rows('rpt_finding_ages', {'entity': 'varchar'}) }}
)

select entity
from stored_ages
where not {{ is_followed_finding('entity') }}
union
select entity
from stored_findings
where area in ('evidence', 'erasures') or not {{ is_followed_finding('entity') }} or exists (select 1 from changed_targets)
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
union
select entity
from {{ ref('int_findings__recreated') }}
{% if is_full_refresh() %}where false{% endif %}
