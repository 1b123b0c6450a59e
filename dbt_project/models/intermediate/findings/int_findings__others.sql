-- Findings that follow no changed key: those of requests, landed rows, deliveries, the pack and remediations, and of such facts as are
-- few. All are computed in each build; fct_findings replaces those of entities of which something differs from the previous one.
with
traced_findings as (
    {{ traced_findings(
        ['withdrawals', 'withdrawal_requests', 'erasures', 'recreated', 'incidents', 'policies'],
        logs=['incidents', 'policies'],
    ) }}
)

select *, entity as cause, ['right_type=' || right_type, 'channel=' || channel] as places
from {{ ref('int_findings__requests_traced') }}
union all by name
select *
from traced_findings
{%- for name in ['rows', 'deliveries', 'packs', 'remediations'] %}
union all by name
select *
from {{ ref('int_findings__' ~ name) }}
{%- endfor %}
