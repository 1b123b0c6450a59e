-- The versions of the log `collections` that count: a view over what landed, so nothing is copied.
{{ winning_rows('collections', ref('stg_collections__versions')) }}
