-- The versions of the log `processing` that count: a view over what landed, so nothing is copied.
{{ counted_versions('processing', ref('stg_processing__contested')) }}
