-- Acts of processing, counted by kind.
{{ config(meta={'maintained': {'over': ['fct_processing'], 'sums': ['units']}}) }}
{% set dimensions = ['purpose_code', 'system', 'source'] %}
{% set kinds = [
    'occurred_month', 'ok_basis', 'ok_consent', 'ok_not_stopped', 'ok_no_automated_decision', 'stopped_right_types',
    'possible_stop_right_types', 'stops_in_force', 'requests_pending', 'pending_right_types', 'is_on_unknown_basis', 'may_lack_consent', 'may_be_bound', 'may_be_automated',
    'is_on_changed_basis',
] %}
with
-- Counted before anything else: a few thousand kinds stand for millions of rows.
processing as (
    select
        date_trunc('month', occurred_date)::date as occurred_month,
        {{ (kinds[1:-5] + dimensions) | join(',\n        ') }},
        legal_basis = 'unknown' as is_on_unknown_basis,
        is_on_unknown_basis and consent_required as may_lack_consent,
        possible_stop_right_types <> [] as may_be_bound,
        possible_decision_stop_right_types <> [] as may_be_automated,
        bases_before_objection is not null as is_on_changed_basis,
        count(*) as units,
    from {{ ref('fct_processing') }}
    group by all
)

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    sum(units)::bigint as units,
from processing
group by {{ dimension_sets(kinds, dimensions) }}
