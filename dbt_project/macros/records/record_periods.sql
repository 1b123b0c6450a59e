{#- How long each must and may be kept, holds left aside. -#}
{% macro record_periods(records) -%}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

schedule_rules as (select * from {{ ref('int_records__governed') }}),

terms as (select * from {{ source('pack', 'contract_terms') }}),

contracts as (select distinct contract_ref from terms),

records_with_trigger as (
    select
        records.*,
        schedule_rules.schedule_id,
        schedule_rules.trigger,
        schedule_rules.min_months,
        schedule_rules.min_days,
        schedule_rules.max_months,
        schedule_rules.max_days,
        schedule_rules.wait_months,
        schedule_rules.wait_days,
        case schedule_rules.trigger
            when 'created' then records.created_at
            when 'last_activity' then coalesce(records.last_activity_at, records.created_at)
            when 'trigger' then records.trigger_event_at
        end as trigger_at,
        terms.contract_ref is not null as has_contract_term,
        records.contract_ref is not null and contracts.contract_ref is null as lacks_contract_terms,
        terms.max_months as term_months,
        terms.max_days as term_days,
    from {{ records }} as records
    left join schedule_rules
        on
            records.data_category = schedule_rules.data_category
            and records.purpose_code = schedule_rules.purpose_code
            and records.jurisdiction is not distinct from schedule_rules.jurisdiction
            and records.created_date = schedule_rules.created_date
    left join terms
        on
            records.contract_ref = terms.contract_ref
            and records.data_category = terms.data_category
            and {{ in_force('terms', 'records.created_date') }}
    left join contracts on records.contract_ref = contracts.contract_ref
),

trigger_dates as (
    select
        records_with_trigger.*,
        cast(timezone(instants.time_zone, records_with_trigger.trigger_at) as date) as trigger_date,
    from records_with_trigger
    cross join instants
),

period_ends as (
    select
        * exclude (min_months, min_days, max_months, max_days, wait_months, wait_days, term_months, term_days),
        min_months is not null as has_minimum,
        case when trigger = 'trigger' then {{ add_months_and_days('created_date', 'wait_months', 'wait_days') }} end as trigger_due_by,
        {{ add_months_and_days('trigger_date', 'min_months', 'min_days') }} as keep_until,
        least(
            {{ add_months_and_days('trigger_date', 'max_months', 'max_days') }},
            {{ add_months_and_days('trigger_date', 'term_months', 'term_days') }}
        ) as end_of_period,
    from trigger_dates
)

select
    * exclude (end_of_period),
    case when end_of_period is not null then greatest(end_of_period, keep_until) end as unheld_delete_by,
from period_ends
{%- endmacro %}
