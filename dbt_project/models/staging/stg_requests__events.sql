-- The versions of the log `requests` that count: a view over what landed, so nothing is copied.
{{ winning_rows('requests', ref('stg_requests__versions')) }}
