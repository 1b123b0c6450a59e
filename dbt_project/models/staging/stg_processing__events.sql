-- The versions of the log `processing` that count: a view over what landed, so nothing is copied.
{{ winning_rows('processing', ref('stg_processing__versions')) }}
