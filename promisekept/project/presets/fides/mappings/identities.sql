-- Two identifiers of one person -> that they are one.
select _row, 'identity:' || id as event_id, created_at as occurred_at, person as subject_ref, other_person as other_ref
from source
