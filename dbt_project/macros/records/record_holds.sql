{#-
The effect of holds on record sets that have any. `records` are those of record_periods; `holds` has their keys. Holds that overlap
or meet are merged. A date inside a merged hold moves once, to its end, which equals moving it to the release of the last open hold
until it no longer changes.
-#}
{% macro record_holds(records, holds, keys) -%}
with
review_settings as (
    select settings.hold_review_months, settings.hold_review_days, instants.time_zone
    from {{ source('pack', 'settings') }} as settings
    cross join {{ source('run', 'run_instants') }} as instants
),

-- A hold that stands is reviewed when it is placed again.
standing_holds as (
    select
        {{ columns_of('records', keys) }},
        holds.hold_ref,
        list_max(list_filter(holds.placings, lambda placed_at: placed_at <= records.state_at)) as last_placed_at,
        records.state_date,
    from {{ holds }} as holds
    inner join {{ records }} as records on {{ same_record('holds', 'records', keys) }}
    where holds.released_at is null
),

unreviewed_holds as (
    select
        {{ columns_of('standing_holds', keys) }},
        list(distinct standing_holds.hold_ref order by standing_holds.hold_ref) as holds_not_reviewed,
        min(standing_holds.last_placed_at) as hold_unreviewed_since,
    from standing_holds
    cross join review_settings
    where
        standing_holds.state_date > {{ add_months_and_days(
            'timezone(review_settings.time_zone, standing_holds.last_placed_at)::date',
            'review_settings.hold_review_months',
            'review_settings.hold_review_days'
        ) }}
    group by {{ columns_of('standing_holds', keys) }}
),

hold_states as (
    select
        {{ columns_of('records', keys) }},
        bool_or(holds.released_at is null) as on_hold,
        list(distinct holds.hold_ref order by holds.hold_ref) filter (where holds.released_at is null) as hold_refs,
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

hold_days as (
    select
        *,
        coalesce(placed_date > max(released_date) over earlier, true) as opens_hold,
    from days
    window earlier as (
        partition by {{ keys | join(', ') }}
        order by placed_date, released_date
        rows between unbounded preceding and 1 preceding
    )
),

numbered_days as (
    select
        *,
        count(*) filter (where opens_hold) over (
            partition by {{ keys | join(', ') }}
            order by placed_date, released_date
            rows between unbounded preceding and current row
        ) as hold_no,
    from hold_days
),

merged_holds as (
    select {{ keys | join(', ') }}, hold_no, min(placed_date) as placed_date, max(released_date) as released_date
    from numbered_days
    group by {{ keys | join(', ') }}, hold_no
),

-- The day of placing is not counted and the day of release is: as many days as lie between the two.
hold_dates as (
    select
        {{ columns_of('merged_holds', keys) }},
        sum(least(merged_holds.released_date, records.state_date) - merged_holds.placed_date) as held_days,
        max(merged_holds.released_date) filter (
            where records.unheld_delete_by >= merged_holds.placed_date and records.unheld_delete_by < merged_holds.released_date
        ) as moved_to,
    from merged_holds
    inner join {{ records }} as records on {{ same_record('merged_holds', 'records', keys) }}
    group by {{ columns_of('merged_holds', keys) }}
)

select
    {{ columns_of('hold_states', keys) }},
    hold_states.on_hold,
    hold_states.hold_refs,
    hold_states.deleted_under_hold,
    cast(coalesce(hold_dates.held_days, 0) as bigint) as held_days,
    hold_dates.moved_to is not null as moves_delete_by,
    nullif(hold_dates.moved_to, {{ no_day_yet() }}) as moved_to,
    unreviewed_holds.holds_not_reviewed,
    unreviewed_holds.hold_unreviewed_since,
from hold_states
left join hold_dates on {{ same_record('hold_states', 'hold_dates', keys) }}
left join unreviewed_holds on {{ same_record('hold_states', 'unreviewed_holds', keys) }}
{%- endmacro %}
