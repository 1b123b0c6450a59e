-- A row here is a verdict without a log: an absent log counts as kept or missed.
select results.*
from {{ ref('fct_control_results') }} as results
inner join {{ ref('int_controls__metric_evidence') }} as evidence using (metric_code)
where len(evidence.absent_logs) > 0 and results.status <> 'insufficient_evidence'
