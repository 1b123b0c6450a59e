-- What of the policy's versions changed since the previous build, in one row.
with
version_intervals as (
    {{ version_intervals() }}
),

previous_intervals as (
    {{ previous_rows('int_policies__intervals', {
        'policy_version': 'varchar', 'intervals': 'struct(effective_at timestamptz, superseded_at timestamptz)[]',
    }) }}
),

changed_versions as (
    select coalesce(version_intervals.policy_version, previous_intervals.policy_version) as policy_version
    from version_intervals
    full join previous_intervals on version_intervals.policy_version = previous_intervals.policy_version
    where version_intervals.intervals is distinct from previous_intervals.intervals
)

select
    coalesce((select list(policy_version order by policy_version) from changed_versions), []) as versions,
    (select count(*) from version_intervals) > 0 as has_versions,
    (select count(*) from previous_intervals) > 0 as had_versions,
    {{ first_in_force('version_intervals') }} as began_at,
    {{ first_in_force('previous_intervals') }} as old_began_at
