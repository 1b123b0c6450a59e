-- A row here is a source whose rows do not add up: a row was read that neither landed nor was rejected.
-- It warns: it is a finding (unbalanced_source) and the source gate's verdict, and evidence of a loss must still be published.
{{ config(severity='warn') }}
select * from {{ ref('audit_sources') }}
where unaccounted_rows <> 0 or unaccounted_source_rows <> 0
