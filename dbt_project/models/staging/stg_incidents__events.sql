-- The versions of the log `incidents` that count: a view over what landed, so nothing is copied.
{{ winning_rows('incidents', ref('stg_incidents__versions')) }}
