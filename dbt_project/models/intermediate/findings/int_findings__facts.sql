-- Findings of the facts of every log but requests. A new log adds a line here. A view, so that findings are written once.
{{ config(materialized='view') }}
{% set logs = ['consents', 'withdrawals', 'withdrawal_requests', 'disclosures', 'records', 'erasures', 'recreated', 'collections', 'processing', 'incidents', 'policies'] %}
{%- for log in logs %}
select * from {{ ref('int_findings__' ~ log) }}
{{ 'union all by name' if not loop.last }}
{%- endfor %}
