-- A row here is an interval that does not end where the next one of the person and purpose begins: a moment of which nobody
-- could say whether there was consent, or of which the mart says two things.
with
followed as (
    select
        *,
        lead(valid_from) over (
            partition by subject_key, purpose_code order by valid_from, valid_to nulls last
        ) as next_from,
    from {{ ref('fct_consents') }}
)

select subject_key, purpose_code, valid_from, valid_to, next_from
from followed
where valid_to is distinct from next_from
