{#-
What holds do to those that have any. `records` are those of record_periods; `holds` has their keys. Moving a date to the
release of the last hold that is open on it, again and again until it stands still, is moving it once to the end of the stretch
of holds in which it lies: holds that overlap or meet are one stretch. So nothing is repeated here.
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

unreviewed as (
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

by_instant as (
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
    by_instant.hold_refs,
    by_instant.deleted_under_hold,
    cast(coalesce(by_day.held_days, 0) as bigint) as held_days,
    by_day.moved_to is not null as moves_delete_by,
    nullif(by_day.moved_to, {{ no_day_yet() }}) as moved_to,
    unreviewed.holds_not_reviewed,
    unreviewed.hold_unreviewed_since,
from by_instant
left join by_day on {{ same_record('by_instant', 'by_day', keys) }}
left join unreviewed on {{ same_record('by_instant', 'unreviewed', keys) }}
{%- endmacro %}
