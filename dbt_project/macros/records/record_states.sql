{#-
The rules of retention at an instant, each told once: for as_of, which the models of records ask about, and for any earlier
instant, which records_at asks about. A relation `records` has the columns of int_records__timeline as they were known at
`state_at`, whose local date is `state_date`. `keys` are what tells its rows apart: namespace and record_id, and state_at where
a record set is looked at more than once.
-#}
{% macro record_keys() -%}
{{ return(['namespace', 'record_id']) }}
{%- endmacro %}

{% macro same_record(left, right, keys) -%}
{%- for key in keys %}{{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{% macro columns_of(relation, columns) -%}
{%- for column in columns %}{{ relation }}.{{ column }}{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{#- How long each must and may be kept, holds left aside. -#}
{% macro record_periods(records) -%}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

governing as (select * from {{ ref('int_records__governed') }}),

terms as (select * from {{ source('pack', 'contract_terms') }}),

triggered as (
    select
        records.*,
        governing.schedule_id,
        governing.trigger,
        governing.min_months,
        governing.min_days,
        governing.max_months,
        governing.max_days,
        case governing.trigger
            when 'created' then records.created_at
            when 'last_activity' then coalesce(records.last_activity_at, records.created_at)
            when 'trigger' then records.trigger_event_at
        end as trigger_at,
        terms.contract_ref is not null as has_contract_term,
        terms.max_months as term_months,
        terms.max_days as term_days,
    from {{ records }} as records
    left join governing
        on
            records.data_category = governing.data_category
            and records.purpose_code = governing.purpose_code
            and records.jurisdiction is not distinct from governing.jurisdiction
            and records.created_date = governing.created_date
    left join terms
        on
            records.contract_ref = terms.contract_ref
            and records.data_category = terms.data_category
            and {{ in_force('terms', 'records.created_date') }}
),

dated as (
    select
        triggered.*,
        cast(timezone(instants.time_zone, triggered.trigger_at) as date) as trigger_date,
    from triggered
    cross join instants
),

counted as (
    select
        * exclude (min_months, min_days, max_months, max_days, term_months, term_days),
        min_months is not null as has_minimum,
        {{ add_months_and_days('trigger_date', 'min_months', 'min_days') }} as keep_until,
        least(
            {{ add_months_and_days('trigger_date', 'max_months', 'max_days') }},
            {{ add_months_and_days('trigger_date', 'term_months', 'term_days') }}
        ) as end_of_period,
    from dated
)

select
    * exclude (end_of_period),
    case when end_of_period is not null then greatest(end_of_period, keep_until) end as unheld_delete_by,
from counted
{%- endmacro %}

{#-
What holds do to those that have any. `records` are those of record_periods; `holds` has their keys. Moving a date to the
release of the last hold that is open on it, again and again until it stands still, is moving it once to the end of the stretch
of holds in which it lies: holds that overlap or meet are one stretch. So nothing is repeated here.
-#}
{% macro record_holds(records, holds, keys) -%}
with
by_instant as (
    select
        {{ columns_of('records', keys) }},
        bool_or(holds.released_at is null) as on_hold,
        coalesce(
            bool_or(holds.placed_at <= records.deleted_at and (holds.released_at is null or holds.released_at > records.deleted_at)),
            false
        ) as deleted_under_hold,
    from {{ holds }} as holds
    inner join {{ records }} as records on {{ same_record('holds', 'records', keys) }}
    group by {{ columns_of('records', keys) }}
),

-- Placed and released on one day, a hold is open on none; holds of the same days are one, so that their order is no question.
days as (
    select distinct {{ keys | join(', ') }}, placed_date, coalesce(released_date, {{ no_day_yet() }}) as released_date
    from {{ holds }}
    where released_date > placed_date or released_date is null
),

marked as (
    select
        *,
        coalesce(placed_date > max(released_date) over earlier, true) as opens_a_stretch,
    from days
    window earlier as (
        partition by {{ keys | join(', ') }}
        order by placed_date, released_date
        rows between unbounded preceding and 1 preceding
    )
),

numbered as (
    select
        *,
        count(*) filter (where opens_a_stretch) over (
            partition by {{ keys | join(', ') }}
            order by placed_date, released_date
            rows between unbounded preceding and current row
        ) as stretch,
    from marked
),

stretches as (
    select {{ keys | join(', ') }}, stretch, min(placed_date) as placed_date, max(released_date) as released_date
    from numbered
    group by {{ keys | join(', ') }}, stretch
),

-- The day of placing is not counted and the day of release is: as many days as lie between the two.
by_day as (
    select
        {{ columns_of('stretches', keys) }},
        sum(least(stretches.released_date, records.state_date) - stretches.placed_date) as held_days,
        max(stretches.released_date) filter (
            where records.unheld_delete_by >= stretches.placed_date and records.unheld_delete_by < stretches.released_date
        ) as moved_to,
    from stretches
    inner join {{ records }} as records on {{ same_record('stretches', 'records', keys) }}
    group by {{ columns_of('stretches', keys) }}
)

select
    {{ columns_of('by_instant', keys) }},
    by_instant.on_hold,
    by_instant.deleted_under_hold,
    cast(coalesce(by_day.held_days, 0) as bigint) as held_days,
    by_day.moved_to is not null as moves_delete_by,
    nullif(by_day.moved_to, {{ no_day_yet() }}) as moved_to,
from by_instant
left join by_day on {{ same_record('by_instant', 'by_day', keys) }}
{%- endmacro %}

{#- Each in exactly one status. `records` are those of record_periods, `held` those of record_holds. -#}
{% macro record_states(records, held, keys) -%}
with
instants as (select cast(record_due_soon_days as integer) as due_soon_days from {{ source('run', 'run_instants') }}),

dated as (
    select
        records.*,
        case when held.moves_delete_by then held.moved_to else records.unheld_delete_by end as delete_by,
        coalesce(held.held_days, 0) as held_days,
        coalesce(held.on_hold, false) as on_hold,
        coalesce(held.deleted_under_hold, false) as deleted_under_hold,
        -- Where the period had not begun there is no date yet before which the deletion came too early.
        records.has_minimum and coalesce(records.deleted_at < records.trigger_at, true) as deleted_before_the_trigger,
        instants.due_soon_days,
    from {{ records }} as records
    cross join instants
    left join {{ held }} as held on {{ same_record('records', 'held', keys) }}
),

judged as (
    select
        *,
        case
            when reappeared_at is not null then 'reappeared'
            when deleted_under_hold then 'deleted_under_hold'
            when schedule_id is null then 'unscheduled'
            when deleted_at is not null and (deleted_date < keep_until or deleted_before_the_trigger) then 'deleted_early'
            when deleted_date > delete_by then 'deleted_late'
            when deleted_at is not null then 'deleted_on_time'
            when on_hold then 'on_hold'
            when trigger_at is null then 'not_started'
            when state_date > delete_by then 'over_retained'
            when state_date >= delete_by - due_soon_days then 'due_soon'
            else 'within_period'
        end as status,
    from dated
)

select
    *,
    case status
        when 'over_retained' then state_date - delete_by
        when 'deleted_late' then deleted_date - delete_by
    end as over_days,
    deleted_at is null as is_alive,
from judged
{%- endmacro %}

{#- Whether law or policy forbids to delete a record set at `state_at`: a hold stands, the day until which it must be kept has
not come, or that minimum has not even begun to run. `states` is a row of record_states. On the day itself it may go. -#}
{% macro must_be_kept(states) -%}
coalesce(
    {{ states }}.on_hold
    or {{ states }}.state_date < {{ states }}.keep_until
    or ({{ states }}.has_minimum and {{ states }}.trigger_at is null),
    false
)
{%- endmacro %}
