-- The versions of the log `policies` that count: a view over what landed, so nothing is copied.
{{ winning_rows('policies', ref('stg_policies__versions')) }}
