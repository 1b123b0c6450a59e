-- What became of each record set of a person whose data was to be erased, and whether its system had to confirm.
with
record_sets as (select * from {{ ref('int_erasures__found') }}),

states as (
    select *, {{ is_deletion_prohibited('states') }} as must_be_kept
    from {{ ref('int_erasures__states') }} as states
)

-- A set that was deleted in time and reappeared, whenever that was, was not erased, and no prohibition of its deletion applies any
-- more.
select
    record_sets.request_key,
    record_sets.record_key,
    case when at_judgement.is_alive then at_judgement.records_left else at_judgement.record_count end as record_count,
    at_judgement.system,
    case
        when not at_judgement.is_alive and record_sets.reappeared_at is not null then 'reappeared'
        when not at_judgement.is_alive then 'erased'
        when at_judgement.must_be_kept then 'excused'
        else 'alive'
    end as verdict,
    coalesce(at_receipt.reappeared_at is not null or (at_receipt.is_alive and not at_receipt.must_be_kept), false) as was_to_be_erased,
from record_sets
inner join states as at_judgement
    on record_sets.namespace = at_judgement.namespace and record_sets.record_id = at_judgement.record_id and record_sets.judged_at = at_judgement.state_at
left join states as at_receipt
    on record_sets.namespace = at_receipt.namespace and record_sets.record_id = at_receipt.record_id and record_sets.received_at = at_receipt.state_at
