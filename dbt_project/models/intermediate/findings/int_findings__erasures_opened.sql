-- The instant at which the findings of an erasure open, if there are any. It is not wrong on the day on which it is reported, but when
-- its days of grace are over, or when the first record set came back, or was created again, where nothing else was wrong with it.
with
reappearances as (
    select erasures.request_key, min(if(erasures.is_recreated, records.created_at, records.reappeared_at)) as first_back_at
    from (
        select request_key, unnest(missed) as record_key, false as is_recreated
        from {{ ref('fct_erasures') }}
        union all
        select request_key, unnest(recreated) as record_key, true as is_recreated
        from {{ ref('fct_erasures') }}
    ) as erasures
    inner join {{ ref('fct_records') }} as records on erasures.record_key = records.record_key
    group by erasures.request_key
)

select
    erasures.request_key,
    if(
        erasures.missed_records + len(erasures.recreated) > 0
        and erasures.missed_records = erasures.reappeared_sets
        and len(erasures.unconfirmed_systems) = 0,
        greatest(erasures.judged_at, reappearances.first_back_at),
        erasures.judged_at
    ) as opened_at,
from {{ ref('fct_erasures') }} as erasures
left join reappearances on erasures.request_key = reappearances.request_key
