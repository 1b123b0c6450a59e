-- The start of the deadline where the law starts it later than on receipt: one row per right of a request whose proof of
-- identity or fee was asked for. An ask moves the start only while the period, counted from the start so far, is running.
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

-- An ask while another was outstanding has the same effect.
overlapping_asks as (
    select
        *,
        coalesce(asked < max(coalesce(answered, 9223372036854775807)) over earlier, false) as is_joined,
    from asks
    window earlier as (partition by unit_no order by asked rows between unbounded preceding and 1 preceding)
),

grouped_asks as (
    select *, count(*) filter (where not is_joined) over (partition by unit_no order by asked) as wait_no
    from overlapping_asks
),

merged_asks as (
    select
        unit_no,
        wait_no,
        min(asked_date) as asked_date,
        max(asked) as last_asked,
        max(answered_date) as answered_date,
        bool_or(answered is null) as is_outstanding,
    from grouped_asks
    group by unit_no, wait_no
),

asks_with_start as (
    select
        merged_asks.*,
        units.rule_no,
        units.calendar,
        units.received_date,
        greatest(units.received_date, coalesce(max(merged_asks.answered_date) over earlier, units.received_date)) as start_so_far,
    from merged_asks
    inner join units using (unit_no)
    window earlier as (partition by merged_asks.unit_no order by merged_asks.wait_no rows between unbounded preceding and 1 preceding)
),

evaluated_asks as (
    select
        asks_with_start.*,
        bool_and(coalesce(asks_with_start.asked_date <= periods.due_date, false)) over (
            partition by asks_with_start.unit_no
            order by asks_with_start.wait_no
            rows between unbounded preceding and current row
        ) as moves_start,
    from asks_with_start
    left join periods
        on asks_with_start.rule_no = periods.rule_no
            and asks_with_start.calendar is not distinct from periods.calendar
            and asks_with_start.start_so_far = periods.day
)

select
    unit_no,
    max(last_asked) filter (where moves_start) as last_ask_that_counts,
    coalesce(bool_or(is_outstanding) filter (where moves_start), false) as is_outstanding,
    case
        when not coalesce(bool_or(is_outstanding) filter (where moves_start), false)
            then greatest(any_value(received_date), coalesce(max(answered_date) filter (where moves_start), any_value(received_date)))
    end as start_date,
from evaluated_asks
group by unit_no
