-- The months in which an undetermined unit may count, per date by which metrics assign a month. A known date is one month, an
-- unknown one every month from the first possible on; null = no bound. Kind `no_rule` counts only where the dates of a rule
-- decide the metric, kind `undated` (the source states no due date) only where the declared date does. A dimension of null
-- counts against each of its values, and `dimensions` of null against each value of each of one's own.
with
units as (
    select * replace (coalesce(dimensions, '{}') as dimensions)
    from {{ ref('int_metrics__requests_units') }}
    where not is_determined or status = 'no_rule' or is_undated
),

affected_units as (
    select
        units.* exclude (jurisdiction, regime_code, channel, source, dimensions, is_undated),
        case when not affected_units.is_elsewhere then units.jurisdiction end as jurisdiction,
        case when not affected_units.is_elsewhere then units.regime_code end as regime_code,
        case when not affected_units.is_by_another_channel then units.channel end as channel,
        case when not affected_units.is_of_another_source then units.source end as source,
        case when not affected_units.moves_receipt then units.dimensions end as dimensions,
        affected_units.moves_receipt,
        affected_units.moves_due_date or (affected_units.moves_closing and units.closed_while_paused) as moves_due_date,
        affected_units.moves_closing,
        affected_units.is_undated,
        date_trunc('month', affected_units.earliest_date)::date as earliest_month,
        date_trunc('month', affected_units.latest_date)::date as latest_month
    from {{ ref('int_metrics__requests_with_uncounted_rows') }} as affected_units
    inner join units using (request_key)
),

units_without_rule as (select * from units where is_determined and status = 'no_rule'),

undated_units as (select * from units where is_determined and is_undated),

units_without_receipt as (select * from {{ ref('int_metrics__requests_without_receipt') }}),

month_ranges_of_units as (
    {%- set dimensions = (request_dimensions() + ['dimensions']) | join(', ') %}

    select
        'evidence' as kind, 'received' as basis, {{ dimensions }},
        case when not moves_receipt then received_month when not is_undated then least(received_month, earliest_month) end as first_month,
        case when not moves_receipt then received_month when not is_undated then greatest(received_month, latest_month) end as last_month
    from affected_units
    union all
    select
        'evidence', 'due', {{ dimensions }},
        case
            when not moves_due_date and due_month is not null then due_month
            when is_undated and moves_receipt then null
            when is_undated then received_month
            when moves_due_date then least(received_month, earliest_month)
            else earliest_month
        end,
        case when not moves_due_date and due_month is not null then due_month end
    from affected_units
    where status <> 'no_deadline' or moves_receipt
    union all
    select
        'evidence', 'ack_due', {{ dimensions }},
        case
            when not moves_receipt and ack_due_month is not null then ack_due_month
            when moves_receipt and is_undated then null
            when moves_receipt then least(received_month, earliest_month)
            else received_month
        end,
        case when not moves_receipt and ack_due_month is not null then ack_due_month end
    from affected_units
    where ack_due_month is not null or moves_receipt or status = 'no_rule'
    union all
    select
        'evidence', 'closed', {{ dimensions }},
        case when not moves_closing then closed_month when not is_undated then least(closed_month, earliest_month) end,
        case when not moves_closing then closed_month end
    from affected_units
    where moves_closing or is_closed
    union all
    select 'evidence', 'none', {{ dimensions }}, null, null
    from affected_units
    union all

    select
        'no_rule', 'received', {{ dimensions }}, received_month, received_month
    from units_without_rule
    union all
    select 'no_rule', 'due', {{ dimensions }}, coalesce(due_month, received_month), due_month
    from units_without_rule
    union all
    select 'no_rule', 'ack_due', {{ dimensions }}, received_month, null
    from units_without_rule
    union all
    select 'no_rule', 'none', {{ dimensions }}, null, null
    from units_without_rule
    union all
    select 'undated', 'declared_due', {{ dimensions }}, coalesce(due_month, received_month), due_month
    from undated_units
    union all

    {% set dimensions = dimensions | replace('regime_code', 'null as regime_code') | replace('source, dimensions', 'source, null as dimensions') -%}
    select
        'evidence', 'received', {{ dimensions }},
        case when has_dated_receipt then date_trunc('month', earliest_receipt)::date end,
        case when has_dated_receipt then date_trunc('month', latest_receipt)::date end
    from units_without_receipt
    union all
    select 'evidence', unnest(['due', 'ack_due']), {{ dimensions }},
        case when has_dated_receipt then date_trunc('month', earliest_receipt)::date end,
        null
    from units_without_receipt
    union all
    select 'evidence', 'closed', {{ dimensions }},
        case when not has_undated_closing then date_trunc('month', earliest_closing)::date end,
        case when not has_undated_closing then date_trunc('month', latest_closing)::date end
    from units_without_receipt
    where has_closing
    union all
    select 'evidence', 'none', {{ dimensions }}, null, null
    from units_without_receipt
),

-- A missing event may be the receipt of a request, or an answer to one.
month_ranges as (
    select *, 1 as units from month_ranges_of_units
    union all by name
    select
        'evidence' as kind,
        bases.basis,
        missing_events.source,
        missing_events.month_start as first_month,
        case when bases.is_month_of_event then missing_events.month_start end as last_month,
        missing_events.events as units
    from {{ ref('int_metrics__missing_events') }} as missing_events
    cross join (values ('received', true), ('due', false), ('ack_due', false), ('closed', true), ('none', false)) as bases (basis, is_month_of_event)
    where missing_events.log = 'requests'
),

-- The adherences to declared and to computed dates count different units; a unit of an unknown law may be either.
declared_is_used as (
    select
        exists (select 1 from {{ ref('fct_requests') }} where regime_code = 'DECLARED')
        or exists (select 1 from {{ source('pack', 'jurisdictions') }} where regime_code = 'DECLARED') as is_used
)

select * from month_ranges
where basis <> 'due' or regime_code is distinct from 'DECLARED'
union all by name
select month_ranges.* replace ('declared_due' as basis)
from month_ranges
cross join declared_is_used
where month_ranges.basis = 'due' and coalesce(month_ranges.regime_code = 'DECLARED', declared_is_used.is_used)
union all by name
select * replace ('erased' as basis)
from month_ranges
where basis = 'closed' and coalesce(right_type = 'erasure', true)
