-- What a business publishes each calendar year under 11 CCR 7102(a): the requests that it received in the year, and what has
-- become of them at as_of. A request counts once per request type: who asks for a copy and for its portable form in one
-- letter made one request to know.
{% set dispositions = ['complied_in_whole', 'complied_in_part', 'denied', 'unanswered', 'withdrawn', 'not_counted'] %}
with
records as (select * from {{ ref('rpt_ccpa_7101') }} where request_type is not null),

instants as (
    select as_of, cast(year(timezone(time_zone, as_of)) as integer) as as_of_year from {{ source('run', 'run_instants') }}
),

-- Rights that were withdrawn or never were requests stand aside while another right of the same request type stands.
requests_by_type as (
    select
        request_type,
        coalesce(min(date_of_request) filter (exclusion_reason is null), min(date_of_request)) as received_date,
        max(date_of_response) filter (exclusion_reason is null) as response_date,
        count(*) filter (exclusion_reason is null) as standing,
        count(*) filter (exclusion_reason is null and nature_of_response is null) as unanswered,
        count(*) filter (exclusion_reason is null and nature_of_response = 'complied_in_whole') as in_whole,
        count(*) filter (exclusion_reason is null and nature_of_response = 'denied') as denied,
        count(*) filter (exclusion_reason = 'withdrawn') as withdrawn,
        arg_min(basis_of_denial, (date_of_response, right_type)) filter (exclusion_reason is null and basis_of_denial is not null) as ground,
    from records
    group by namespace, request_id, request_type
),

disposed_requests as (
    select
        request_type,
        cast(year(received_date) as integer) as calendar_year,
        case
            when standing = 0 then if(withdrawn > 0, 'withdrawn', 'not_counted')
            when unanswered > 0 then 'unanswered'
            when in_whole = standing then 'complied_in_whole'
            when denied = standing then 'denied'
            else 'complied_in_part'
        end as disposition,
        response_date - received_date as days,
        ground,
    from requests_by_type
),

counted_requests as (
    select
        *,
        disposition in ('complied_in_whole', 'complied_in_part', 'denied') as is_answered,
        disposition in ('complied_in_part', 'denied') as is_denied_in_whole_or_part,
    from disposed_requests
),

-- A year without a request is a row of zeroes, from the first year that had one.
years as (
    select cast(unnest(range(min(calendar_year), greatest(max(calendar_year), max(as_of_year)) + 1)) as integer) as calendar_year
    from counted_requests
    cross join instants
),

request_types (request_type, place) as (
    values
    {%- for item in ccpa_request_types() %}
    ('{{ item.type }}', {{ loop.index }}){{ ',' if not loop.last }}
    {%- endfor %}
)

select
    years.calendar_year,
    request_types.request_type,
    cast(request_types.place as integer) as place,
    count(counted_requests.disposition)::bigint as received,
    {%- for disposition in dispositions %}
    count(*) filter (counted_requests.disposition = '{{ disposition }}')::bigint as {{ disposition }},
    {%- endfor %}
    median(counted_requests.days) filter (counted_requests.is_answered)::double as median_days,
    avg(counted_requests.days) filter (counted_requests.is_answered)::double as mean_days,
    count(*) filter (counted_requests.is_denied_in_whole_or_part)::bigint as denied_in_whole_or_part,
    {%- for ground in denial_grounds() %}
    count(*) filter (counted_requests.is_denied_in_whole_or_part and counted_requests.ground = '{{ ground }}')::bigint as denied_{{ ground }},
    {%- endfor %}
    count(*) filter (counted_requests.is_denied_in_whole_or_part and coalesce(counted_requests.ground not in {{ known_codes(denial_grounds()) }}, true))::bigint
        as denied_on_other_grounds,
    bool_and(years.calendar_year < instants.as_of_year) as year_is_over,
    max(instants.as_of) as as_of,
from years
cross join request_types
cross join instants
left join counted_requests on years.calendar_year = counted_requests.calendar_year and request_types.request_type = counted_requests.request_type
where {{ is_fully_retained('make_date(years.calendar_year, 1, 1)') }}
group by years.calendar_year, request_types.request_type, request_types.place
