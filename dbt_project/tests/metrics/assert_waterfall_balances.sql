-- A row here is a period and dimension in which requests received do not equal the sum of their statuses: someone's
-- request is missing or counted twice.
select * from {{ ref('rpt_waterfall') }}
where balance <> 0
