-- What is counted of each log but remediations, whose figures are of no month: by these the months are found, and what is found
-- against promises comes later. A new log joins by a line here.
{% set logs = ['requests', 'consents', 'withdrawals', 'withdrawal_requests', 'consent_uses', 'disclosures', 'records', 'erasures', 'recreated', 'collections', 'processing', 'unlisted', 'purposes', 'incidents', 'policies', 'matches', 'rows'] %}
{% for log in logs %}
select * from {{ ref('int_metrics__' ~ log ~ '_measures') }}
{{ 'union all by name' if not loop.last }}
{% endfor %}
