-- Disclosures, counted by kind, and the records that they shared.
{{ config(meta={'maintained': {'over': ['fct_disclosures'], 'sums': ['units', 'records']}}) }}
{% set dimensions = ['recipient_id', 'purpose_code', 'source'] %}
{% set kinds = [
    'occurred_month', 'within_policy', 'ok_recipient', 'ok_reason', 'ok_agreement', 'ok_consent', 'ok_authority', 'ok_categories',
    'ok_purpose', 'ok_transfer', 'ok_no_sale', 'ok_told', 'ok_not_stopped', 'exempt_told', 'stopped_right_types',
    'possible_stop_right_types', 'stops_in_force', 'is_for_another_reason',
    'lacks_consenting_person', 'lacks_person_to_notify', 'may_be_bound', 'may_have_gone_anywhere',
] %}
with
-- Counted before anything else: a few thousand kinds stand for millions of rows.
disclosures as (
    select
        date_trunc('month', occurred_date)::date as occurred_month,
        {{ (kinds[1:-5] + dimensions) | join(',\n        ') }},
        reason_code = 'other' as is_for_another_reason,
        needs_consent and ok_consent is null as lacks_consenting_person,
        subject_key is null and not exempt_told as lacks_person_to_notify,
        possible_stop_right_types <> [] as may_be_bound,
        destination_country is null and transfer_mechanism is null as may_have_gone_anywhere,
        count(*) as units,
        coalesce(sum(record_count), 0) as records,
    from {{ ref('fct_disclosures') }}
    group by all
)

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    sum(units)::bigint as units,
    sum(records)::bigint as records,
from disclosures
group by {{ dimension_sets(kinds, dimensions) }}
