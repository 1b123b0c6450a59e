-- For each unit that can't be judged and each date by which metrics are placed: the months in which it may belong.
-- Known: one month. Not known: every month from the first one that is possible; null = no bound. kind `no_rule` counts
-- only where the dates of a rule decide the metric, kind `undated` (the source states no due date) only where the declared
-- date does. A dimension of null counts against each of its values.
with
units as (
    select *
    from {{ ref('int_metrics__requests_units') }}
    where not is_judged or status = 'no_rule' or is_undated
),

contested as (
    select
        units.* exclude (jurisdiction, regime_code, channel, source),
        case when not contested.is_elsewhere then units.jurisdiction end as jurisdiction,
        case when not contested.is_elsewhere then units.regime_code end as regime_code,
        case when not contested.is_by_another_channel then units.channel end as channel,
        case when not contested.is_of_another_source then units.source end as source,
        contested.moves_receipt,
        contested.moves_due_date or (contested.moves_closing and units.closed_while_paused) as moves_due_date,
        contested.moves_closing,
        contested.is_undated,
        date_trunc('month', contested.earliest_date)::date as earliest_month,
        date_trunc('month', contested.latest_date)::date as latest_month
    from {{ ref('int_metrics__requests_with_uncounted_rows') }} as contested
    inner join units using (request_key)
),

without_rule as (select * from units where is_judged and status = 'no_rule'),
undated as (select * from units where is_judged and is_undated),
unattached as (select * from {{ ref('int_metrics__requests_without_receipt') }}),

spans as (
    {%- set dimensions = request_dimensions() | join(', ') %}

    select
        'evidence' as kind, 'received' as basis, {{ dimensions }},
        case when not moves_receipt then received_month when not is_undated then least(received_month, earliest_month) end as first_month,
        case when not moves_receipt then received_month when not is_undated then greatest(received_month, latest_month) end as last_month
    from contested
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
    from contested
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
    from contested
    where ack_due_month is not null or moves_receipt or status = 'no_rule'
    union all
    select
        'evidence', 'closed', {{ dimensions }},
        case when not moves_closing then closed_month when not is_undated then least(closed_month, earliest_month) end,
        case when not moves_closing then closed_month end
    from contested
    where moves_closing or is_closed
    union all
    select 'evidence', 'none', {{ dimensions }}, null, null
    from contested
    union all

    select
        'no_rule', 'received', {{ dimensions }}, received_month, received_month
    from without_rule
    union all
    select 'no_rule', 'due', {{ dimensions }}, coalesce(due_month, received_month), due_month
    from without_rule
    union all
    select 'no_rule', 'ack_due', {{ dimensions }}, received_month, null
    from without_rule
    union all
    select 'no_rule', 'none', {{ dimensions }}, null, null
    from without_rule
    union all
    select 'undated', 'declared_due', {{ dimensions }}, coalesce(due_month, received_month), due_month
    from undated
    union all

    {% set dimensions = dimensions | replace('regime_code', 'null as regime_code') -%}
    select
        'evidence', 'received', {{ dimensions }},
        case when has_dated_receipt then date_trunc('month', earliest_receipt)::date end,
        case when has_dated_receipt then date_trunc('month', latest_receipt)::date end
    from unattached
    union all
    select 'evidence', unnest(['due', 'ack_due']), {{ dimensions }},
        case when has_dated_receipt then date_trunc('month', earliest_receipt)::date end,
        null
    from unattached
    union all
    select 'evidence', 'closed', {{ dimensions }},
        case when not has_undated_closing then date_trunc('month', earliest_closing)::date end,
        case when not has_undated_closing then date_trunc('month', latest_closing)::date end
    from unattached
    where has_closing
    union all
    select 'evidence', 'none', {{ dimensions }}, null, null
    from unattached
),

-- The adherence to declared dates and that to ours speak of different units; one of an unknown law may be either.
declared_is_used as (
    select
        exists (select 1 from {{ ref('fct_requests') }} where regime_code = 'DECLARED')
        or exists (select 1 from {{ source('pack', 'jurisdictions') }} where regime_code = 'DECLARED') as is_used
)

select * from spans
where basis <> 'due' or regime_code is distinct from 'DECLARED'
union all by name
select spans.* replace ('declared_due' as basis)
from spans
cross join declared_is_used
where spans.basis = 'due' and coalesce(spans.regime_code = 'DECLARED', declared_is_used.is_used)
union all by name
select * replace ('erased' as basis)
from spans
where basis = 'closed' and coalesce(right_type = 'erasure', true)
