-- The versions of the log `disclosures` that count: a view over what landed, so nothing is copied.
{{ winning_rows('disclosures', ref('stg_disclosures__versions')) }}
