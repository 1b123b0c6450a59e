-- The life of 6,300 record sets, and of one for everybody else whose request was granted, save a few whom nobody knows.
-- The deletion job of the contact centre stopped on 10 June 2026 and nobody noticed; a backup of 14 August 2026 brought three sets back.
-- A list of addresses was imported on 6 July 2026, two erased persons among them; a third signed up again by herself.
create table kinds as
select *, sum(weight) over (order by position) - weight as from_slot, sum(weight) over (order by position) as to_slot
from (
    select row_number() over () as position, *
    from (
        values
        ('contact_details', 'crm', 'relationship', 365, 20), ('call_recording', 'contact_centre', 'call_recording', 90, 22),
        ('voicemail_content', 'voice', 'service_delivery', 60, 14), ('meeting_transcript', 'meet', 'service_delivery', 180, 14),
        ('support_tickets', 'helpdesk', 'service_delivery', 365, 8), ('billing_records', 'billing', 'legal_compliance', 9999, 9),
        ('usage_metadata', 'data_warehouse', 'service_functionality', 395, 7), ('government_id', 'crm', 'legal_compliance', 30, 4),
        ('employment_history', 'hr_system', 'legal_compliance', 730, 2)
    ) as listed (data_category, system, purpose_code, keep_days, weight)
);

create table returned as
select p, closed_at, row_number() over (order by h('returned', p)) > 2 as signed_up_again,
    if(signed_up_again, timestamp '2026-07-09 14:00:00', timestamp '2026-07-06 05:30:00') as returned_at
from (
    select p, max(closed_at) as closed_at from granted where right_type = 'erasure' group by p
    having max(closed_at) between '2026-03-01' and '2026-06-01' and bool_and(source <> 'legacy_tickets')
) as erased
where p % 90 <> 17
qualify row_number() over (order by h('returned', p)) <= 3;

-- Legal holds. That of June 2025 was never looked at again; that of May 2025 was placed again before a year was over.
create table holds as
select *
from (
    values
    ('LH-2025-01', timestamp '2025-06-03 09:10:00', null::timestamp, null::timestamp),
    ('LH-2025-02', timestamp '2025-09-02 13:30:00', null, timestamp '2025-12-12 16:00:00'),
    ('LH-2025-03', timestamp '2025-05-12 11:40:00', timestamp '2026-04-20 10:05:00', null),
    ('LH-2026-01', timestamp '2026-01-20 15:00:00', null, null)
) as listed (hold_ref, placed_at, placed_again_at, released_at);

create table record_sets as
with
drawn as (
    select i, h('record', i) as x, h('record-more', i) as y, i > 6000 as is_bulk from range(1, 6301) as sets (i)
),

owned as (
    select drawn.*, quiet.p, quiet.customer_id, quiet.place, quiet.quiet_from
    from drawn
    inner join quiet on quiet.p = 1 + (drawn.i * 4099) % 9000
),

met as (
    select
        owned.*,
        kinds.data_category, kinds.system, kinds.purpose_code, kinds.keep_days,
        first_instant() + days(1) + (case when is_bulk then last_instant() - interval 20 days else quiet_from end - first_instant() - days(2))
            * pow(r(x, 1), 1.1) as created_at
    from owned
    inner join kinds on r(x, 0) * 100 >= from_slot and r(x, 0) * 100 < to_slot
    where is_bulk or quiet_from > first_instant() + days(6)
),

-- Who asks for something and is granted it has an entry among the customers; one in ninety wrote in and has no entry.
requested as (
    select
        10000 + quiet.p as i, h('asked', quiet.p) as x, h('asked-more', quiet.p) as y, false as is_bulk,
        quiet.p, quiet.customer_id, quiet.place, quiet.quiet_from,
        'contact_details' as data_category, 'crm' as system, 'relationship' as purpose_code, 365 as keep_days,
        first_instant() + (quiet.quiet_from - first_instant()) * (0.02 + 0.9 * r(h('asked', quiet.p), 1)) as created_at
    from quiet
    semi join granted using (p)
    anti join (select p from met where not is_bulk) as recorded using (p)
    where quiet.p % 90 <> 17
),

back as (
    select
        20000 + p as i, h('back', p) as x, h('back-more', p) as y, false as is_bulk, p, quiet.customer_id, quiet.place, quiet.quiet_from,
        'contact_details' as data_category, 'crm' as system, 'relationship' as purpose_code, 365 as keep_days, returned_at as created_at
    from returned
    inner join quiet using (p)
),

record_sets as (
    select * from met
    union all by name
    select * from requested
    union all by name
    select * from back
),

dated as (
    select
        record_sets.* replace (
            -- call sentiment was launched on 2 February 2026
            case when data_category = 'call_recording' and created_at >= timestamp '2026-02-02 14:00:00' and r(y, 0) < 0.12
                then 'call_sentiment' else data_category end as data_category
        ),
        'R-' || (700000 + i) as record_id,
        case when is_bulk then 40 + floor(400 * r(y, 1))::bigint else 1 + floor(9 * r(y, 1))::bigint end as record_count,
        case
            when data_category = 'meeting_transcript' and r(y, 2) < 0.10 then 'CT-NORTHWIND'
            when data_category = 'call_recording' and r(y, 2) < 0.08 then 'CT-HARBOURLINE'
            when data_category = 'support_tickets' and r(y, 2) < 0.10 then 'CT-ACORN'
        end as contract_ref
    from record_sets
),

timed as (
    select
        *,
        case contract_ref when 'CT-NORTHWIND' then 60 when 'CT-HARBOURLINE' then 30 else keep_days end as term_days,
        created_at + days(keep_days * (0.3 + 0.5 * r(y, 3))) as touched_at,
        data_category = 'contact_details' and r(x, 2) < 0.6 and touched_at < quiet_from as is_touched,
        row_number() over (order by created_at, i) as n
    from dated
),

planned as (
    select
        *,
        case
            when data_category in ('billing_records', 'employment_history') then null
            when r(x, 3) < 0.004 and contract_ref is null then created_at + days(term_days + 3 + 18 * r(y, 3))
            when data_category = 'contact_details' and is_touched
                then created_at + days(term_days * (0.3 + 0.5 * r(y, 3)) + term_days * (0.9 + 0.09 * r(x, 3)))
            else created_at + days(term_days * (0.80 + 0.18 * r(x, 3)))
        end as planned_deletion
    from timed
)

select
    *,
    -- the job that stopped
    case
        when system = 'contact_centre' and contract_ref is null and planned_deletion >= timestamp '2026-06-10' then null
        when planned_deletion > last_instant() then null
        else planned_deletion
    end as job_deleted_at,
    case
        when not is_bulk and data_category in ('contact_details', 'meeting_transcript') and i % 19 = 5
            and created_at < timestamp '2026-01-20 15:00:00' and coalesce(planned_deletion, last_instant()) > timestamp '2026-02-10'
            and quiet_from = last_instant() then 'LH-2026-01'
        when not is_bulk and system = 'crm' and i % 11 = 7 and created_at < timestamp '2025-09-01'
            and quiet_from = last_instant() and planned_deletion > timestamp '2026-01-10' then 'LH-2025-02'
        when not is_bulk and data_category = 'contact_details' and i % 5 = 1 and created_at < timestamp '2025-06-01'
            and quiet_from = last_instant() and planned_deletion > timestamp '2025-07-01' then 'LH-2025-01'
        when not is_bulk and data_category = 'contact_details' and i % 5 = 2 and created_at < timestamp '2025-05-10'
            and quiet_from = last_instant() and planned_deletion > timestamp '2025-07-01' then 'LH-2025-03'
    end as hold_ref
from planned;

-- What an erasure took away, system by system, shortly before it was answered. The data warehouse
-- forgets one set in twelve, and reports all of them done.
create table erased_sets as
with
erasures as (
    select p, min(received_at) as received_at, min(closed_at) as closed_at, min_by(request_id, closed_at) as request_id,
        min_by(source, closed_at) as source
    from granted
    where right_type = 'erasure'
    group by p
)

select
    record_sets.record_id, record_sets.system, record_sets.data_category, erasures.*,
    record_sets.hold_ref is null and record_sets.data_category <> 'billing_records'
        and (record_sets.job_deleted_at is null or record_sets.job_deleted_at > erasures.received_at) as is_concerned,
    record_sets.system = 'data_warehouse' and h('forgotten', record_sets.record_id) % 12 = 0 as is_forgotten,
    greatest(erasures.closed_at - days(0.2 + 2 * r(h('erased', record_sets.record_id), 0)), erasures.received_at + days(0.1)) as erased_at
from record_sets
inner join erasures using (p)
where not record_sets.is_bulk and record_sets.created_at < erasures.received_at;

create table retention_events as
with
erased as (select record_id, erased_at from erased_sets where is_concerned and not is_forgotten),

sets as (
    select
        record_sets.*,
        case
            when erased.erased_at is not null then erased.erased_at
            when hold_ref = 'LH-2026-01' and n = (select min(n) from record_sets where hold_ref = 'LH-2026-01')
                then timestamp '2026-03-17 03:10:00'
            when hold_ref in ('LH-2025-01', 'LH-2025-03', 'LH-2026-01') then null
            when hold_ref = 'LH-2025-02' then greatest(job_deleted_at, timestamp '2025-12-20' + days(r(y, 1) * 20))
            else job_deleted_at
        end as deleted_at
    from record_sets
    left join erased using (record_id)
),

happened as (
    select record_id, 'created' as event_type, created_at as occurred_at, null::varchar as hold_ref, null::varchar as method from sets
    union all
    select record_id, 'last_activity', touched_at, null, null from sets
    where is_touched and touched_at < coalesce(deleted_at, last_instant())
    union all
    select record_id, 'hold_placed', placed_at, hold_ref, null from sets inner join holds using (hold_ref)
    union all
    select record_id, 'hold_placed', placed_again_at, hold_ref, null from sets inner join holds using (hold_ref)
    where placed_again_at is not null
    union all
    select record_id, 'hold_released', released_at, hold_ref, null from sets inner join holds using (hold_ref)
    where released_at is not null
    union all
    select record_id, case when data_category = 'usage_metadata' then 'anonymised' else 'deleted' end, deleted_at, null,
        case when data_category = 'usage_metadata' then 'anonymise' when system in ('meet', 'voice') then 'crypto_shred' else 'hard_delete' end
    from sets where deleted_at <= last_instant()
    union all
    select record_id, 'trigger', created_at + days(60 + 200 * r(y, 1)), null, null
    from sets where data_category = 'employment_history' and i % 2 = 0 and created_at + days(260) < last_instant()
)

select
    happened.*,
    sets.p, sets.is_bulk, sets.customer_id, sets.system, sets.data_category, sets.purpose_code, sets.place, sets.contract_ref, sets.record_count
from happened
inner join sets using (record_id);

-- What an inventory scan found: still there is no news; there again after a deletion is.
create table scans as
select record_id, timestamp '2026-08-14 06:20:00' as occurred_at
from (
    select record_id from retention_events
    where event_type = 'deleted' and method = 'hard_delete' and system = 'crm' and not is_bulk
        and occurred_at between '2026-05-01' and '2026-07-20'
    order by record_id limit 3
)
union all
select record_id, date_trunc('month', created_at) + interval 1 month + interval 5 hours
from record_sets
where data_category in ('billing_records', 'contact_details') and not is_bulk and h('scan', record_id) % 100 < 14
    and created_at < timestamp '2026-08-01' and record_id not in (select record_id from erased_sets);
