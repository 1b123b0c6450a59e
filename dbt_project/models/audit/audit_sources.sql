-- Every source with what it delivered, by class of row, and whether it delivers as expected.
with
instants as (select as_of from {{ source('run', 'run_instants') }})

select
    sources.source,
    sources.log,
    sources.namespace,
    sources.is_configured,
    sources.batches::bigint as batches,
    {%- for column in row_counts() + ['refused_rows', 'held_back_files'] %}
    sources."{{ column }}"::bigint as "{{ column }}",
    {%- endfor %}
    sources.unaccounted_rows::bigint as unaccounted_rows,
    sources.unaccounted_source_rows::bigint as unaccounted_source_rows,
    sources.first_event_at,
    sources.last_event_at,
    sources.last_landed_at,
    sources.unread_since,
    sources.next_expected_by,
    sources.freshness,
    case sources.freshness when 'fresh' then true when 'stale' then false end as is_fresh,
    sources.has_control_total,
    sources.declared_due,
    instants.as_of
from {{ ref('int_controls__sources') }} as sources
cross join instants
