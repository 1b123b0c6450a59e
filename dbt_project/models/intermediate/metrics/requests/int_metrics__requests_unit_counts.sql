-- Requests, counted by kind: the units of one dimension's value that agree in everything that a rate, a count or the
-- waterfall asks of them. One pass over the requests; what follows adds up a few thousand of these.
{% set dimensions = request_dimensions() %}
{% set kinds = [
    'received_month', 'due_month', 'ack_due_month', 'closed_month', 'status', 'strict_status', 'ack_status', 'extension_status',
    'outcome', 'declared_differs', 'closed_while_paused', 'withdrawn_overdue', 'is_closed', 'is_declared', 'is_denied_without_ground',
    'is_doubtful', 'is_undated', 'is_acknowledged_too_early', 'left_unacknowledged', 'is_determined', 'is_intake_known', 'confidence_rank',
    'has_left_the_clock', 'forwarding_status',
] %}
with
units as (select * from {{ ref('int_metrics__requests_units') }}),

own_dimensions as (select dimension from {{ ref('int_metrics__own_dimensions') }} where log = 'requests')

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    count(*) as units
from units
group by {{ dimension_sets(kinds, dimensions) }}
union all
select
    {{ kinds | join(',\n    ') }},
    own_dimensions.dimension,
    {{ own_dimension_value('units') }},
    count(*)
from units
cross join own_dimensions
group by all
