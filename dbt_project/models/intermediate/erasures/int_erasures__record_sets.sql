-- What became of each record set of a person whose data was to be erased, and whether its system had to confirm.
with
found as (select * from {{ ref('int_erasures__found') }}),

states as (
    select *, {{ is_deletion_prohibited('states') }} as must_be_kept
    from {{ ref('int_erasures__states') }} as states
)

-- What had gone in time and came back, whenever that was, was not erased, and nothing that forbids a deletion can be said of it any
-- more.
select
    found.request_key,
    found.record_key,
    case when judged.is_alive then judged.records_left else judged.record_count end as record_count,
    judged.system,
    case
        when not judged.is_alive and found.reappeared_at is not null then 'reappeared'
        when not judged.is_alive then 'erased'
        when judged.must_be_kept then 'excused'
        else 'alive'
    end as verdict,
    coalesce(received.reappeared_at is not null or (received.is_alive and not received.must_be_kept), false) as was_to_be_erased,
from found
inner join states as judged
    on found.namespace = judged.namespace and found.record_id = judged.record_id and found.judged_at = judged.state_at
left join states as received
    on found.namespace = received.namespace and found.record_id = received.record_id and found.received_at = received.state_at
