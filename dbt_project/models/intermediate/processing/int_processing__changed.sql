-- Changed keys: every identifier of each person whose acts of processing an incremental build recomputes: those of
-- int_subjects__changed, and those with an act that landed or came due since the previous build, or of which another version landed,
-- as an act may be on another basis than an earlier one was. Empty in a full refresh.
with
changed_events as (
    {{ changed_rows('processing', ['subject_key']) }}
)

{{ identifiers_of_changed_persons('changed_events') }}
union
select subject_key
from {{ ref('int_subjects__changed') }}
