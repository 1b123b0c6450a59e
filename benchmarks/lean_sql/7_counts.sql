-- rpt_waterfall, and the rates and counts of fct_metrics: counted once per month and finest cell, then added up.

create macro month_of(day) as date_trunc('month', day)::date;

create temp table periods as
with
months as (
    select unnest(generate_series(
        (select min(month_of(received_date)) from snapshot.fct_requests), timezone(getvariable('zone'), getvariable('as_of')), interval 1 month
    ))::date as month
),
grains (grain, length) as (values ('month', interval 1 month), ('quarter', interval 3 month), ('year', interval 1 year))

select distinct
    grain as period_grain,
    date_trunc(grain, month)::date as period_start,
    (date_trunc(grain, month) + length)::date as period_end
from months, grains
union all
select 'to_date', null, null;

-- All counts of a basis, for the finest cell; a unit without a month is told by to_date only.
create temp table cells as
with
bases as (
    select 'received' as basis, month_of(received_date) as month, * from snapshot.fct_requests
    union all
    select 'due', month_of(coalesce(due_date, closed_date)), * from snapshot.fct_requests
    union all
    select 'ack_due', month_of(ack_due_date), * from snapshot.fct_requests where ack_due_date is not null
    union all
    select 'closed', month_of(closed_date), * from snapshot.fct_requests where is_closed
)

select
    basis,
    month,
    jurisdiction,
    regime_code,
    right_type,
    channel,
    source,
    count(*) as n,
    count_if(status = 'excluded') as excluded,
    count_if(status = 'no_rule') as no_rule,
    count_if(status = 'no_deadline') as no_deadline,
    count_if(status = 'closed_on_time') as closed_on_time,
    count_if(status = 'closed_late') as closed_late,
    count_if(status = 'paused') as paused,
    count_if(status = 'open_in_time') as open_in_time,
    count_if(status = 'open_overdue') as open_overdue,
    count_if(closed_while_paused) as closed_while_paused,
    count_if(withdrawn_overdue) as withdrawn_overdue,
    count_if(left_overdue) as left_overdue,
    count_if(regime_code = 'DECLARED' and status = 'no_deadline') as undated,
    count_if(strict_status = 'closed_on_time') as strict_on_time,
    count_if(strict_status in ('closed_late', 'open_overdue')) as strict_missed,
    count_if(status = 'closed_on_time' and (closed_while_paused or answer_recorded_late)) as doubtful,
    count_if(status = 'closed_on_time' and strict_status = 'closed_on_time' and (closed_while_paused or answer_recorded_late)) as strict_doubtful,
    count_if(ack_status = 'on_time' and status <> 'excluded') as ack_on_time,
    count_if(ack_status in ('late', 'open_overdue') and status <> 'excluded') as ack_missed,
    count_if(recorded_at is null) as unrecorded,
    count_if(has_left_the_clock) as off_the_clock,
    count_if(forwarding_status = 'on_time') as forwarded_on_time,
    count_if(forwarding_status <> 'open_in_time') as forwardings,
    count_if(extension_status = 'valid') as extended,
    count_if(extension_status in ('late', 'not_permitted')) as unextended,
    count_if(extension_status in ('late', 'not_permitted') and status <> 'no_rule') as unextended_judged,
    count_if(declared_differs is not null) as declared,
    count_if(declared_differs) as declared_differs,
    count_if(is_closed and outcome = 'denied') as denied,
    count_if(is_closed and outcome = 'denied' and coalesce(denial_reason = 'other', true)) as without_ground,
    min(case rule_confidence when 'low' then 1 when 'medium' then 2 when 'high' then 3 end) as confidence
from bases
group by all;

create macro dimension_of(a, b, c, d, e) as (['jurisdiction', 'regime_code', 'right_type', 'channel', 'source', 'all'])[
    case when a = 0 then 1 when b = 0 then 2 when c = 0 then 3 when d = 0 then 4 when e = 0 then 5 else 6 end
];

create temp table sums as
with
by_value as (
    select
        basis,
        month,
        is_declared,
        dimension_of(grouping(jurisdiction), grouping(regime_code), grouping(right_type), grouping(channel), grouping(source)) as dimension,
        if(dimension = 'all', 'all', coalesce(jurisdiction, regime_code, right_type, channel, source, 'unknown')) as dimension_value,
        sum(columns(* exclude (basis, month, jurisdiction, regime_code, right_type, channel, source, is_declared, confidence))),
        min(confidence) as confidence
    from (select *, coalesce(regime_code = 'DECLARED', false) as is_declared from cells)
    group by grouping sets (
        (basis, month, is_declared), (basis, month, is_declared, jurisdiction), (basis, month, is_declared, regime_code),
        (basis, month, is_declared, right_type), (basis, month, is_declared, channel), (basis, month, is_declared, source)
    )
)

select
    basis,
    period_grain,
    period_start,
    period_end,
    is_declared,
    dimension,
    dimension_value,
    sum(columns(by_value.* exclude (basis, month, is_declared, dimension, dimension_value, confidence))),
    min(confidence) as confidence
from by_value
inner join periods on period_grain = 'to_date' or (month >= period_start and month < period_end)
group by all;

create table snapshot.rpt_waterfall as
select
    period_grain,
    period_start,
    period_end,
    dimension,
    dimension_value,
    sum(n)::bigint as received,
    sum(columns(['excluded', 'no_rule', 'no_deadline', 'closed_on_time', 'closed_late', 'paused', 'open_in_time', 'open_overdue']))::bigint,
    sum(closed_while_paused)::bigint as closed_while_paused,
    sum(withdrawn_overdue)::bigint as withdrawn_overdue
from sums
where basis = 'received'
group by period_grain, period_start, period_end, dimension, dimension_value;

-- Requests without a rule, wherever they may belong: what the worst reading adds as missed.
create temp table doubt as
with
spans as (
    select
        unnest([
            {basis: 'received', first: month_of(received_date), last: month_of(received_date)},
            {basis: 'due', first: coalesce(month_of(closed_date), month_of(received_date)), last: month_of(closed_date)},
            {basis: 'ack_due', first: month_of(received_date), last: null::date},
            {basis: 'none', first: null::date, last: null::date}
        ], recursive := true),
        jurisdiction,
        regime_code,
        right_type,
        channel,
        source
    from snapshot.fct_requests
    where status = 'no_rule'
),

placed as (
    select
        basis,
        period_grain,
        period_start,
        period_end,
        dimension_of(grouping(jurisdiction), grouping(regime_code), grouping(right_type), grouping(channel), grouping(source)) as dimension,
        if(dimension = 'all', 'all', coalesce(jurisdiction, regime_code, right_type, channel, source)) as dimension_value,
        count(*) as unjudged
    from spans
    inner join periods
        on period_grain = 'to_date' or (basis <> 'none' and first < period_end and coalesce(last >= period_start, true))
    where basis <> 'due' or regime_code is distinct from 'DECLARED'
    group by grouping sets (
        (basis, period_grain, period_start, period_end), (basis, period_grain, period_start, period_end, jurisdiction),
        (basis, period_grain, period_start, period_end, regime_code), (basis, period_grain, period_start, period_end, right_type),
        (basis, period_grain, period_start, period_end, channel), (basis, period_grain, period_start, period_end, source)
    )
)

-- One whose value is not known counts against every value.
select placed.* exclude (dimension_value, unjudged), known.dimension_value, sum(unjudged) as unjudged
from placed
inner join (select distinct dimension, dimension_value from sums) as known
    on placed.dimension = known.dimension and coalesce(placed.dimension_value = known.dimension_value, true)
group by all;

-- A rate has a denominator, a count has none. `low`: the worst reading is the lowest; else it is the highest.
create macro figure(code, numerator, denominator, worst_numerator, worst_denominator, low, by_rule) as {
    metric_code: code, numerator: numerator::bigint, denominator: denominator::bigint, worst_numerator: worst_numerator::bigint,
    worst_denominator: worst_denominator::bigint, low: low, by_rule: by_rule
};

create temp table counted as
with
told as (
    from sums
    union all by name
    select * exclude (unjudged), false as is_declared from doubt where basis <> 'none'
),

filled as (
    select
        basis, period_grain, period_start, period_end, is_declared, dimension, dimension_value, confidence,
        coalesce(columns(* exclude (
            basis, period_grain, period_start, period_end, is_declared, dimension, dimension_value, confidence
        )), 0),
        coalesce(closed_on_time + closed_late + open_overdue, 0) as answered,
        coalesce(closed_on_time + open_in_time + paused, 0) as reachable
    from told
),

figures as (
    select
        basis, period_grain, period_start, period_end, dimension, dimension_value, n as units, confidence,
        unnest(case
            when basis = 'due' and is_declared then [
                figure('declared_adherence', closed_on_time, answered, closed_on_time - doubtful, answered + left_overdue + undated, true, false)
            ]
            when basis = 'due' then [
                figure('deadline_adherence', closed_on_time, answered, closed_on_time - doubtful, answered + left_overdue, true, true),
                figure(
                    'deadline_adherence_strict', strict_on_time, strict_on_time + strict_missed, strict_on_time - strict_doubtful,
                    strict_on_time + strict_missed + left_overdue, true, true
                )
            ]
            when basis = 'ack_due' then [
                figure('acknowledgement_adherence', ack_on_time, ack_on_time + ack_missed, ack_on_time, ack_on_time + ack_missed, true, true)
            ]
            when basis = 'closed' then [
                figure('denial_rate', denied, n, denied, n, false, false),
                figure('denial_without_ground_count', without_ground, null, without_ground, null, false, false),
                figure('closed_while_paused_count', closed_while_paused, null, closed_while_paused, null, false, false)
            ]
            else [
                figure('requests_received', n, null, n, null, true, false),
                figure('exclusion_rate', excluded, n, excluded, n, false, false),
                figure('forwarding_rate', forwarded_on_time, forwardings, forwarded_on_time, forwardings, true, false),
                figure('ways_out_rate', off_the_clock, n, off_the_clock, n, false, false),
                figure('intake_lag_unknown_rate', unrecorded, n, unrecorded, n, false, false),
                figure(
                    'max_achievable_adherence', reachable, reachable + closed_late + open_overdue,
                    reachable - doubtful, reachable + closed_late + open_overdue + left_overdue + undated, true, true
                ),
                figure('extension_rate', extended, n, extended, n - no_rule, false, true),
                figure('invalid_extension_count', unextended, null, unextended_judged, null, false, true),
                figure('declared_deadline_disagreement', declared_differs, declared, declared_differs, declared, false, true)
            ] || if(period_grain = 'to_date', [figure('overdue_open', open_overdue, null, open_overdue, null, false, true)], [])
        end, recursive := true)
    from filled
)

select
    metric_code,
    period_grain,
    period_start,
    period_end,
    dimension,
    dimension_value,
    sum(numerator) as numerator,
    sum(denominator) as denominator,
    sum(worst_numerator) + if(low, 0, unjudged) as worst_numerator,
    sum(worst_denominator) + unjudged as worst_denominator,
    min(confidence) as confidence
from (
    select figures.*, if(by_rule, coalesce(doubt.unjudged, 0), 0) as unjudged
    from figures
    left join doubt
        on figures.basis = doubt.basis
        and figures.period_grain = doubt.period_grain
        and figures.period_start is not distinct from doubt.period_start
        and figures.dimension = doubt.dimension
        and figures.dimension_value = doubt.dimension_value
)
group by metric_code, period_grain, period_start, period_end, dimension, dimension_value, low, unjudged;
