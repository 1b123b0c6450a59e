-- Findings of facts that follow changed keys, traced; in an incremental build those of changed entities.
{{ config(materialized='view') }}
{{ traced_findings(
    ['consents', 'disclosures', 'records', 'partial_deletions', 'collections', 'processing'],
    logs=['retention'],
    changed=only_changed('int_findings__changed', ['entity'], 'fct_findings'),
    stops=true,
) }}
