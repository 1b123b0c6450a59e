-- The versions of the log `disclosures` that count: a view over what landed, so nothing is copied.
{{ counted_versions('disclosures', ref('stg_disclosures__contested')) }}
