-- A row here is a source whose rows do not add up: something was read that neither landed nor was refused.
select * from {{ ref('audit_sources') }}
where unaccounted_rows <> 0 or unaccounted_source_rows <> 0
