-- The versions of the log `collections` that count: a view over what landed, so nothing is copied.
{{ counted_versions('collections', ref('stg_collections__contested')) }}
