-- The versions of the log `policies` that count: a view over what landed, so nothing is copied.
{{ counted_versions('policies', ref('stg_policies__contested')) }}
