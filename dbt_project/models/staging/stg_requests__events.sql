-- The versions of the log `requests` that count: a view over what landed, so nothing is copied.
{{ counted_versions('requests', ref('stg_requests__contested')) }}
