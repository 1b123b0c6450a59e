-- What stood at the end of each month (at as_of in the last one), of every log: one row per metric, month, dimension and
-- value. A quarter, a year and everything to date stand as their last month does. A new log joins by a line here.
{% set logs = ['consents', 'records'] %}
{%- for log in logs %}
select * from {{ ref('int_metrics__' ~ log ~ '_month_end') }}
{{ 'union all by name' if not loop.last }}
{%- endfor %}
