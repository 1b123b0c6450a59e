-- Everything that is counted, of every log: one row per metric, month, dimension and value, in the dimensions that the
-- catalogue gives the metric. A new log joins by a line here.
{% set logs = ['requests', 'consents', 'withdrawals', 'withdrawal_requests', 'consent_uses', 'disclosures', 'records', 'erasures', 'recreated', 'collections', 'processing', 'unlisted', 'purposes', 'incidents', 'policies', 'remediations', 'matches', 'rows'] %}
with
counted as (
    {%- for log in logs %}
    select * from {{ ref('int_metrics__' ~ log ~ '_counted') }}
    {{ 'union all by name' if not loop.last }}
    {%- endfor %}
),

catalogue as (select metric_code, string_split(dimensions, ';') as dimensions from {{ ref('metric_catalogue') }})

select counted.*
from counted
inner join catalogue
    on counted.metric_code = catalogue.metric_code and list_contains(catalogue.dimensions, counted.dimension)
