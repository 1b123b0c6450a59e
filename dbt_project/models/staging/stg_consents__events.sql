-- The versions of the log `consents` that count: a view over what landed, so nothing is copied.
{{ counted_versions('consents', ref('stg_consents__contested')) }}
