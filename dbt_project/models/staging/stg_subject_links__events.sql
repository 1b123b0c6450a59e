-- The versions of the log `subject_links` that count: a view over what landed, so nothing is copied.
{{ winning_rows('subject_links', ref('stg_subject_links__versions')) }}
