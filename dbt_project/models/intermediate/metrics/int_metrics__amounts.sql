-- How often each duration occurs, of every log, by month and dimension. A new log joins by a line here. A view, so that nothing is
-- written twice.
{{ config(materialized='view') }}
{% set logs = ['requests', 'records', 'withdrawals'] %}
{%- for log in logs %}
select * from {{ ref('int_metrics__' ~ log ~ '_amounts') }}
{{ 'union all by name' if not loop.last }}
{%- endfor %}
