-- Until when each stop binds what, purpose by purpose where the purposes part.
with
stops as (select * from {{ ref('int_stops__begun') }}),

subjects as (select * from {{ ref('int_stops__subjects') }}),

collected as (
    select subjects.person_key, events.occurred_at as collected_at
    from {{ ref('stg_collections__events') }} as events
    inner join subjects on events.subject_key = subjects.subject_key
    where {{ has_happened('events') }}
),

consented as (
    select distinct subjects.person_key, decisions.purpose_code, decisions.occurred_at as consented_at
    from {{ ref('int_consents__decisions') }} as decisions
    inner join subjects on decisions.subject_key = subjects.subject_key
    where decisions.is_consent
),

erasures as (
    select stops.request_key, stops.stopped_at, collected.collected_at as collected_again_at
    from stops
    asof inner join collected on stops.person_key = collected.person_key and stops.stopped_at < collected.collected_at
    where stops.right_type = 'erasure'
),

whole as (
    select
        stops.*,
        erasures.collected_again_at,
        least(stops.lifted_at, erasures.collected_again_at) as ended_at,
    from stops
    left join erasures on stops.request_key = erasures.request_key and stops.stopped_at = erasures.stopped_at
),

-- The purposes that the person named, or else those to which the person consented at any time.
parted as (
    select *, unnest(purpose_codes) as purpose_code
    from whole
    where purpose_codes is not null
    union all
    select whole.*, purposes.purpose_code
    from whole
    inner join (select distinct person_key, purpose_code from consented) as purposes on whole.person_key = purposes.person_key
    where whole.purpose_codes is null
),

of_purposes as (
    select
        parted.*,
        consented.consented_at as consented_again_at,
        coalesce(consented.consented_at < coalesce(parted.ended_at, timestamptz 'infinity'), false) as ended_by_consent,
    from parted
    asof left join consented
        on
            parted.person_key = consented.person_key
            and parted.purpose_code = consented.purpose_code
            and parted.stopped_at < consented.consented_at
),

exceptions as (
    select request_key, stopped_at, list(purpose_code order by purpose_code) as purpose_codes
    from of_purposes
    where purpose_codes is null and ended_by_consent
    group by request_key, stopped_at
)

select
    namespace,
    request_id,
    right_type,
    purpose_code,
    person_key,
    request_key,
    is_scope_known,
    stopped_at,
    if(ended_by_consent, consented_again_at, ended_at) as ended_at,
    cast(null as varchar[]) as other_purposes,
from of_purposes
where purpose_codes is not null or ended_by_consent
union all
select
    whole.namespace,
    whole.request_id,
    whole.right_type,
    cast(null as varchar) as purpose_code,
    whole.person_key,
    whole.request_key,
    whole.is_scope_known,
    whole.stopped_at,
    whole.ended_at,
    coalesce(exceptions.purpose_codes, []) as other_purposes,
from whole
left join exceptions on whole.request_key = exceptions.request_key and whole.stopped_at = exceptions.stopped_at
where whole.purpose_codes is null
