-- From the first month that any log tells of, without a gap, to the month of as_of: a silent month is a row too.
-- A date that lies more than fifty years back is a slip of the pen: it gets its own month and no row of empty ones.
with
instants as (select (as_of at time zone time_zone)::date as as_of_date from {{ source('run', 'run_instants') }}),

told_so_far as (
    select told.month_start
    from {{ ref('int_metrics__months_with_rows') }} as told
    inner join instants on told.month_start <= instants.as_of_date
    union
    select date_trunc('month', as_of_date)::date
    from instants
),

without_a_gap as (
    select unnest(generate_series(
        (select min(month_start) from told_so_far where month_start > as_of_date - interval 50 year),
        as_of_date::timestamp,
        interval 1 month
    ))::date as month_start
    from instants
)

select month_start from told_so_far
union
select month_start from without_a_gap
