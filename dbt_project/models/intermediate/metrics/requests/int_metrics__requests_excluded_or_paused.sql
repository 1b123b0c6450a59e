-- Requests whose answer no deadline measures, with the reason. A right for which the law of the person's own place sets no
-- period is not among them, nor a request with a recent question.
with
instants as (select as_of from {{ source('run', 'run_instants') }}),

settings as (select long_pause_days from {{ source('pack', 'settings') }}),

unmeasured_requests as (
    select * from {{ ref('fct_requests') }} where status in ('excluded', 'no_rule', 'no_deadline', 'paused')
),

-- Under another law than that of the place, although that one sets a period or is unknown.
overridden_requests as (
    select request_key
    from {{ ref('int_findings__requests_overrides') }} as overrides
    inner join unmeasured_requests using (request_key)
    anti join {{ ref('int_requests__rules') }} as rules
        on
            overrides.regime_of_place = rules.regime_code
            and unmeasured_requests.right_type = rules.right_type
            and overrides.received_date >= rules.valid_from
            and overrides.received_date < rules.valid_to
            and not rules.has_period
            and not rules.is_declared
)

select
    unmeasured_requests.request_key,
    case when unmeasured_requests.status = 'excluded' then unmeasured_requests.exclusion_reason else unmeasured_requests.status end as way_out
from unmeasured_requests
cross join instants
cross join settings
left join overridden_requests on unmeasured_requests.request_key = overridden_requests.request_key
where
    case unmeasured_requests.status
        when 'no_deadline' then unmeasured_requests.regime_code = 'DECLARED' or overridden_requests.request_key is not null
        when 'paused' then timezone(unmeasured_requests.time_zone, instants.as_of)::date - unmeasured_requests.paused_since > settings.long_pause_days
        else true
    end
