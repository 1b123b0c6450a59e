-- The verdict of the source gate on each log of the contract: the worst of its suites and sources, not_configured without any.
with
verdicts as (select * from {{ source('run', 'source_verdicts') }}),

logs as (select unnest({{ text_list(contract_logs()) }}) as log)

select
    logs.log,
    exists (select 1 from {{ source('landing', 'sources') }} as sources where sources.log = logs.log) as has_source,
    case max(case verdicts.verdict when 'failed' then 3 when 'not_configured' then 2 when 'passed' then 1 end)
        when 3 then 'failed' when 1 then 'passed' else 'not_configured'
    end as verdict
from logs
left join verdicts on logs.log = verdicts.log
group by logs.log
