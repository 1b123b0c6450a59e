-- A row here is a version of the policy that somebody told of and that the mart has lost, or has more than once.
with
told as (
    select count(distinct (namespace, policy_version)) as versions
    from {{ ref('stg_policies__events') }} as events
    where {{ has_happened('events') }}
),

published as (select count(*) as versions from {{ ref('fct_policy_versions') }})

select told.versions as told, published.versions as published
from told
cross join published
where told.versions <> published.versions
