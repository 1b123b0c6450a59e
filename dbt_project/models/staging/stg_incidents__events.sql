-- The versions of the log `incidents` that count: a view over what landed, so nothing is copied.
{{ counted_versions('incidents', ref('stg_incidents__contested')) }}
