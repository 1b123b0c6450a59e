-- Rates and counts of the processing log by month and dimension. An act with an unknown legal basis, or with an unknown
-- decision maker, is undetermined where that matters, and missed in the worst case.
{{ measures_by_month(
    ref('int_metrics__processing_unit_counts'),
    [
        {'code': 'consent_required_on_other_basis', 'basis': 'occurred', 'population': 'ok_basis is not null or may_lack_consent',
         'assessable': 'ok_basis is not null', 'numerator': 'not ok_basis', 'suspect': 'may_lack_consent'},
        {'code': 'processing_without_consent', 'basis': 'occurred', 'population': 'ok_consent is not null or is_on_unknown_basis',
         'assessable': 'ok_consent is not null', 'numerator': 'not ok_consent', 'suspect': 'is_on_unknown_basis'},
        {'code': 'processing_after_stop', 'basis': 'occurred', 'population': 'ok_not_stopped is not null or may_be_bound or is_on_changed_basis',
         'assessable': 'ok_not_stopped is not null and ' ~ is_at_risk(rights_that_stop()),
         'numerator': 'not ok_not_stopped', 'suspect': 'may_be_bound or is_on_changed_basis'},
        {'code': 'automated_decisions_after_objection', 'basis': 'occurred', 'population': 'ok_no_automated_decision is not null or may_be_automated',
         'assessable': 'ok_no_automated_decision is not null and ' ~ is_at_risk(rights_against_automated_decisions()),
         'numerator': 'not ok_no_automated_decision', 'suspect': 'may_be_automated'},
        {'code': 'acts_while_pending', 'basis': 'occurred', 'population': 'requests_pending <> []',
         'assessable': 'not is_on_unknown_basis or pending_right_types = []',
         'numerator': 'pending_right_types <> [] and not is_on_unknown_basis', 'suspect': 'pending_right_types <> []'},
    ],
    {'occurred': 'occurred_month'},
) }}
union all by name
{{ measures_after_stops(ref('int_metrics__processing_unit_counts'), 'processing_after_stop', rights_that_stop(), {'objection': 'is_on_changed_basis'}) }}
{%- for right in rights_counted_while_pending() %}
union all by name
select
    'acts_while_pending' as metric_code,
    occurred_month as month_start,
    'right_type' as dimension,
    '{{ right }}' as dimension_value,
    coalesce(sum(units) filter (not (is_on_unknown_basis and is_pending)), 0)::bigint as units,
    coalesce(sum(units) filter (is_pending and not is_on_unknown_basis), 0)::bigint as numerator,
    0::bigint as denominator,
    coalesce(sum(units) filter (is_pending), 0)::bigint as determined_numerator,
    0::bigint as determined_denominator,
from (select *, list_contains(pending_right_types, '{{ right }}') as is_pending from {{ ref('int_metrics__processing_unit_counts') }})
where dimension = 'all' and list_contains(requests_pending, '{{ right }}')
group by occurred_month
{%- endfor %}
