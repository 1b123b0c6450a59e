-- Requests whose answer no deadline measures, and by which way they left the clock. A right for which the law of the person's own
-- place sets no period has not left it, nor has one whose question was asked lately.
with
instants as (select as_of from {{ source('run', 'run_instants') }}),

settings as (select long_pause_days from {{ source('pack', 'settings') }}),

off_the_clock as (
    select * from {{ ref('fct_requests') }} where status in ('excluded', 'no_rule', 'no_deadline', 'paused')
),

-- Judged by another law than that of the place, although that one sets a period or none is known.
overridden as (
    select request_key
    from {{ ref('int_findings__requests_overrides') }} as overrides
    inner join off_the_clock using (request_key)
    anti join {{ ref('int_requests__rules') }} as rules
        on
            overrides.regime_of_place = rules.regime_code
            and off_the_clock.right_type = rules.right_type
            and overrides.received_date >= rules.valid_from
            and overrides.received_date < rules.valid_to
            and not rules.has_period
            and not rules.is_declared
)

select
    off_the_clock.request_key,
    case when off_the_clock.status = 'excluded' then off_the_clock.exclusion_reason else off_the_clock.status end as way_out
from off_the_clock
cross join instants
cross join settings
left join overridden on off_the_clock.request_key = overridden.request_key
where
    case off_the_clock.status
        when 'no_deadline' then off_the_clock.regime_code = 'DECLARED' or overridden.request_key is not null
        when 'paused' then timezone(off_the_clock.time_zone, instants.as_of)::date - off_the_clock.paused_since > settings.long_pause_days
        else true
    end
