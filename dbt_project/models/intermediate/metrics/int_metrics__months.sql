-- The months from the first with an event in any log to that of as_of, without a gap: a month without events has a row too. A
-- date more than fifty years back is a typing error: it gets its own month and no row for the months between.
with
instants as (select (as_of at time zone time_zone)::date as as_of_date from {{ source('run', 'run_instants') }}),

months_so_far as (
    select months_with_rows.month_start
    from {{ ref('int_metrics__months_with_rows') }} as months_with_rows
    inner join instants on months_with_rows.month_start <= instants.as_of_date
    union
    select date_trunc('month', as_of_date)::date
    from instants
),

first_months as (
    select min(months.month_start) as month_start, instants.as_of_date
    from months_so_far as months
    inner join instants on months.month_start > instants.as_of_date - interval 50 year
    group by instants.as_of_date
),

contiguous_months as (
    select month::date as month_start
    from (
        select unnest(generate_series(month_start::timestamp, as_of_date::timestamp, interval 1 month)) as month
        from first_months
    )
)

select month_start from months_so_far
union
select month_start from contiguous_months
