-- The versions of the log `retention` that count: a view over what landed, so nothing is copied.
{{ counted_versions('retention', ref('stg_retention__contested')) }}
