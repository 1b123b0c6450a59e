-- The end of each stop, per purpose where the purposes differ.
with
stops as (select * from {{ ref('int_stops__begun') }}),

subjects as (select * from {{ ref('int_stops__subjects') }}),

collections as (
    select subjects.person_key, events.occurred_at as collected_at
    from {{ ref('stg_collections__events') }} as events
    inner join subjects on events.subject_key = subjects.subject_key
    where {{ has_happened('events') }}
),

renewed_consents as (
    select distinct subjects.person_key, decisions.purpose_code, decisions.occurred_at as consented_at
    from {{ ref('int_consents__decisions') }} as decisions
    inner join subjects on decisions.subject_key = subjects.subject_key
    where decisions.is_consent
),

erasures as (
    select stops.request_key, stops.stopped_at, collections.collected_at as collected_again_at
    from stops
    asof inner join collections on stops.person_key = collections.person_key and stops.stopped_at < collections.collected_at
    where stops.right_type = 'erasure'
),

whole_stops as (
    select
        stops.*,
        erasures.collected_again_at,
        least(stops.lifted_at, erasures.collected_again_at) as ended_at,
    from stops
    left join erasures on stops.request_key = erasures.request_key and stops.stopped_at = erasures.stopped_at
),

-- The purposes that the person named, or else those to which the person consented at any time.
stops_by_purpose as (
    select *, unnest(purpose_codes) as purpose_code
    from whole_stops
    where purpose_codes is not null
    union all
    select whole_stops.*, purposes.purpose_code
    from whole_stops
    inner join (select distinct person_key, purpose_code from renewed_consents) as purposes on whole_stops.person_key = purposes.person_key
    where whole_stops.purpose_codes is null
),

stops_with_consent as (
    select
        stops_by_purpose.*,
        renewed_consents.consented_at as consented_again_at,
        coalesce(renewed_consents.consented_at < coalesce(stops_by_purpose.ended_at, timestamptz 'infinity'), false) as ended_by_consent,
    from stops_by_purpose
    asof left join renewed_consents
        on
            stops_by_purpose.person_key = renewed_consents.person_key
            and stops_by_purpose.purpose_code = renewed_consents.purpose_code
            and stops_by_purpose.stopped_at < renewed_consents.consented_at
),

exceptions as (
    select request_key, stopped_at, list(purpose_code order by purpose_code) as purpose_codes
    from stops_with_consent
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
from stops_with_consent
where purpose_codes is not null or ended_by_consent
union all
select
    whole_stops.namespace,
    whole_stops.request_id,
    whole_stops.right_type,
    cast(null as varchar) as purpose_code,
    whole_stops.person_key,
    whole_stops.request_key,
    whole_stops.is_scope_known,
    whole_stops.stopped_at,
    whole_stops.ended_at,
    coalesce(exceptions.purpose_codes, []) as other_purposes,
from whole_stops
left join exceptions on whole_stops.request_key = exceptions.request_key and whole_stops.stopped_at = exceptions.stopped_at
where whole_stops.purpose_codes is null
