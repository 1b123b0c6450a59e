-- A row here is a source of which the days together hold another number of rows than the ledger counts.
with
by_day as (
    select source, sum("read") as rows_read, sum(quarantined_rows) as refused, sum(held_back_files) as held_back_files
    from {{ ref('fct_source_completeness') }}
    group by source
)

select sources.source
from {{ ref('audit_sources') }} as sources
left join by_day on sources.source = by_day.source
where
    by_day.rows_read is distinct from sources."read"
    or by_day.refused is distinct from sources.quarantined
    or by_day.held_back_files is distinct from sources.held_back_files
