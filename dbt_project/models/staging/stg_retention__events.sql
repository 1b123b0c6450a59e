-- The versions of the log `retention` that count: a view over what landed, so nothing is copied.
{{ winning_rows('retention', ref('stg_retention__versions')) }}
