-- The intervals in which each version of the policy was in force, whichever source records it. Built after
-- int_policies__changed, which compares these intervals with those of the previous build.
-- depends_on: {{ ref('int_policies__changed') }}
{{ version_intervals() }}
