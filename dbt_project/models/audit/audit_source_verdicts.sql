-- The verdicts of the source gate: each log as a whole (source is null), each of its sources, each suite. A log without a
-- suite is not_configured.
with
verdicts as (select * from {{ source('run', 'source_verdicts') }}),

logs as (select * from {{ ref('int_controls__log_verdicts') }})

select log, source, suite, verdict, declared::bigint as declared, passed::bigint as passed, coalesce(failed_checks, []) as failed_checks
from verdicts
union all
select log, null, log, 'not_configured', 0, 0, []
from logs
where log not in (select log from verdicts where source is null)
