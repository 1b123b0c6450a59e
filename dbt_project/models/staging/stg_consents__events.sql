-- The versions of the log `consents` that count: a view over what landed, so nothing is copied.
{{ winning_rows('consents', ref('stg_consents__versions')) }}
