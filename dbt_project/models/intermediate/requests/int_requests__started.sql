-- When the clock began where the law lets it begin later than on receipt: one row per right of a request whose proof of
-- identity or fee was asked for. An ask moves the start only while the period, counted from the start so far, still runs.
{{ config(materialized='table') }}

with
units as (
    select units.unit_no, units.rule_no, units.calendar, units.received_date
    from {{ ref('int_requests__units') }} as units
    inner join {{ ref('int_requests__rules') }} as rules using (rule_no)
    where rules.start_rule = 'latest_of_receipt_identity_fee' and rules.has_period
),

periods as (select * from {{ ref('int_requests__periods') }}),

asks as (
    select waits.*
    from {{ ref('int_requests__waits') }} as waits
    semi join units using (unit_no)
    where waits.kind <> 'clarification'
),

-- An ask made while another was outstanding shares its fate.
marked as (
    select
        *,
        coalesce(asked < max(coalesce(answered, 9223372036854775807)) over earlier, false) as is_joined,
    from asks
    window earlier as (partition by unit_no order by asked rows between unbounded preceding and 1 preceding)
),

stretches as (
    select *, count(*) filter (where not is_joined) over (partition by unit_no order by asked) as stretch
    from marked
),

waited as (
    select
        unit_no,
        stretch,
        min(asked_date) as asked_date,
        max(asked) as last_asked,
        max(answered_date) as answered_date,
        bool_or(answered is null) as is_outstanding,
    from stretches
    group by unit_no, stretch
),

placed as (
    select
        waited.*,
        units.rule_no,
        units.calendar,
        units.received_date,
        greatest(units.received_date, coalesce(max(waited.answered_date) over earlier, units.received_date)) as start_so_far,
    from waited
    inner join units using (unit_no)
    window earlier as (partition by waited.unit_no order by waited.stretch rows between unbounded preceding and 1 preceding)
),

judged as (
    select
        placed.*,
        bool_and(coalesce(placed.asked_date <= periods.due_date, false)) over (
            partition by placed.unit_no
            order by placed.stretch
            rows between unbounded preceding and current row
        ) as moves_start,
    from placed
    left join periods
        on placed.rule_no = periods.rule_no
            and placed.calendar is not distinct from periods.calendar
            and placed.start_so_far = periods.day
)

select
    unit_no,
    max(last_asked) filter (where moves_start) as last_ask_that_counts,
    coalesce(bool_or(is_outstanding) filter (where moves_start), false) as is_outstanding,
    case
        when not coalesce(bool_or(is_outstanding) filter (where moves_start), false)
            then greatest(any_value(received_date), coalesce(max(answered_date) filter (where moves_start), any_value(received_date)))
    end as start_date,
from judged
group by unit_no
