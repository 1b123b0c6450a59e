-- The versions of the log `remediations` that count: a view over what landed, so nothing is copied.
{{ winning_rows('remediations', ref('stg_remediations__versions')) }}
