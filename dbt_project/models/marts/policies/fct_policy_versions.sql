-- Every version of the policy: when it was in force, who was notified of the change before that, and whether the date that it
-- shows is the day of its publication.
with
instants as (select as_of, time_zone from {{ source('run', 'run_instants') }}),

versions as (select * from {{ ref('int_policies__timeline') }}),

dated_versions as (
    select
        versions.*,
        instants.as_of,
        cast(timezone(instants.time_zone, versions.published_at) as date) as published_date,
        cast(timezone(instants.time_zone, versions.effective_at) as date) as effective_date,
        least(versions.notified_count, versions.audience_size) as notified_of_audience,
        least(versions.sent_before_effective, coalesce(versions.audience_size, 0)) as notified_before_effective_count,
    from versions
    cross join instants
)

select
    namespace || '/' || policy_version as policy_version_key,
    namespace,
    source,
    policy_version,
    published_at,
    published_date,
    effective_at,
    effective_date,
    superseded_at,
    change_notified_at,
    material,
    audience_size,
    notified_count,
    notified_before_effective_count,
    case
        when notified_before_effective_count > 0 then true
        when audience_size = 0 then null
        when effective_at is not null then false
    end as notified_before_effective,
    cast(notified_of_audience as double) / cast(nullif(audience_size, 0) as double) as coverage,
    cast(notified_before_effective_count as double) / cast(nullif(audience_size, 0) as double) as coverage_before_effective,
    last_updated_shown,
    -- The text has its own precision: 2026-03 holds for every day of that month.
    starts_with(cast(published_date as varchar), last_updated_shown) as last_updated_matches,
    coalesce({{ version_in_force('dated_versions', 'dated_versions.as_of') }}, false) as in_force,
    event_id,
    batch_id,
    row_number,
from dated_versions
