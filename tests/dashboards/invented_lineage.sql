-- From where the figures of the invented organisation come: the catalogue's rows of its metrics, and the controls of a promise.
create or replace table marts.dim_metrics as
select metrics.*, told.logs, told.mart, told.unit, told.statistic, told.period_by
from marts.dim_metrics metrics
left join (values
    ('deadline_adherence', ['requests'], 'fct_requests', 'share', 'rate', 'due_date'),
    ('acknowledgement_adherence', ['requests'], 'fct_requests', 'share', 'rate', 'ack_due_date'),
    ('denial_without_ground_count', ['requests'], 'fct_requests', 'requests', 'count', 'closed_date'),
    ('consent_provable_rate', ['consents', 'policies'], 'fct_consents', 'share', 'rate', 'period_end')
) told (metric_code, logs, mart, unit, statistic, period_by) on metrics.metric_code = told.metric_code;

create or replace table marts.dim_clauses as
select clauses.*, controls.control_ids
from marts.dim_clauses clauses
left join (select clause_id, list_sort(list(distinct control_id)) as control_ids from marts.fct_control_results group by all) controls
    on clauses.clause_id = controls.clause_id;

alter table marts.fct_control_results add column rule_confidence varchar default 'high';
