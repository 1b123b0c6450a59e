-- A row here is an interval that does not end where the next one of the person and purpose begins: an instant
-- without a state of consent, or with two.
{{ config(meta={'within': ['subject_key']}) }}
with
intervals_with_next as (
    select
        *,
        lead(valid_from) over (
            partition by subject_key, purpose_code order by valid_from, valid_to nulls last
        ) as next_from,
    from {{ ref('fct_consents') }}
)

select subject_key, purpose_code, valid_from, valid_to, next_from
from intervals_with_next
where valid_to is distinct from next_from
