-- The lives of rights requests, and what a source system would have recorded about them.

create or replace temp table places (jurisdiction varchar, weight integer, family varchar);
insert into places values
    ('IE', 6, 'eu'), ('DE', 12, 'eu'), ('FR', 10, 'eu'), ('NL', 5, 'eu'), ('ES', 5, 'eu'), ('IT', 5, 'eu'), ('AT', 2, 'eu'),
    ('PL', 3, 'eu'), ('BE', 2, 'eu'), ('SE', 2, 'eu'), ('GB-ENG', 12, 'eu'), ('GB-SCT', 2, 'eu'), ('GB-WLS', 1, 'eu'),
    ('US-CA', 14, 'us'), ('US-TX', 4, 'us'), ('US-VA', 2, 'us'), ('US-CO', 2, 'us'), ('US-CT', 1, 'us'), ('US-OR', 2, 'us'),
    ('US-NJ', 2, 'us'), ('US-IA', 1, 'us'), ('CA-ON', 2, 'other'), ('CA-QC', 2, 'other'), ('BR', 4, 'other'),
    ('CH-ZH', 1, 'other'), ('SG', 1, 'other'), ('AQ', 1, 'other');

create or replace temp table place_list as
select list(jurisdiction order by jurisdiction, copy) as codes
from (select places.*, unnest(range(weight)) as copy from places);

create or replace temp table rights as
select
    'eu' as family,
    ['access', 'access', 'access', 'access', 'erasure', 'erasure', 'erasure', 'portability', 'rectification', 'objection',
     'restriction', 'consent_withdrawal'] as codes
union all select
    'us',
    ['access', 'access', 'access', 'erasure', 'erasure', 'erasure', 'opt_out_sale_share', 'opt_out_sale_share', 'rectification',
     'portability', 'limit_sensitive', 'appeal']
union all select 'other', ['access', 'access', 'access', 'erasure', 'rectification', 'portability'];

-- One row per request: where, what for, and when each thing would happen.
create or replace temp table lives as
with
drawn as (
    select
        i, i || '' as n, pick(i, 'place', (select codes from place_list)) as jurisdiction,
        date_trunc('second', timestamptz '2024-11-01 00:00:00+00' + days(draw(i, 'received') * 729)) as received_at
    from range(getvariable('requests')) as numbers (i)
),

placed as (
    select
        drawn.*, pick(i, 'right', codes) as first_right,
        case when draw(i, 'rights') < 0.05 then pick(i, 'other right', ['erasure', 'rectification', 'portability']) end as asked_too
    from drawn
    inner join places using (jurisdiction)
    inner join rights using (family)
),

paced as (
    select
        placed.* exclude (asked_too), 'DSR-' || year(received_at) || '-' || lpad(n, 8, '0') as request_id,
        nullif(asked_too, first_right) as second_right,
        'person' || (hash(hash(i, 'person')) % greatest(1, (getvariable('requests') * 0.8)::bigint)) || '@mail.example' as subject_ref,
        case when draw(i, 'identity') < 0.10 then 0.2 + 5 * draw(i, 'identity asked') end as identity_asked,
        case when draw(i, 'identity answered') < 0.93 then 0.3 + 18 * pow(draw(i, 'identity wait'), 2) end as identity_wait,
        case when draw(i, 'clarification') < 0.07 then 1 + 25 * draw(i, 'clarification asked') end as clarification_asked,
        case when draw(i, 'clarification answered') < 0.93 then 0.3 + 25 * pow(draw(i, 'clarification wait'), 2) end as clarification_wait,
        case when draw(i, 'fee') < 0.004 then 1 + 4 * draw(i, 'fee asked') end as fee_asked,
        case when draw(i, 'extension') < 0.08
            then if(draw(i, 'extension late') < 0.85, 12 + 14 * draw(i, 'extended'), 31 + 18 * draw(i, 'extended'))
        end as extended,
        draw(i, 'fate') as fate,
        if(draw(i, 'pace') < 0.88, 1 + 26 * pow(draw(i, 'days'), 0.8), 24 + 60 * draw(i, 'days')) as pace
    from placed
)

select
    *,
    fate < 0.93 as is_answered, fate between 0.93 and 0.95 as is_withdrawn,
    fate between 0.90 and 0.93 or fate between 0.95 and 0.96 as is_excluded, draw(i, 'processor') < 0.01 as is_processor,
    draw(i, 'reopened') < 0.02 and fate < 0.90 as is_reopened,
    draw(i, 'whole') < 0.6 or second_right is null and draw(i, 'whole') < 0.8 as speaks_of_all,
    pace
    + if(identity_asked is not null, coalesce(identity_wait, 0), 0) * 0.7
    + if(clarification_asked is not null, coalesce(clarification_wait, 0), 0) * 0.7
    + if(extended is not null, 20, 0) as closed
from paced;

-- One row per thing that happened; a null right concerns every right of the request.
create or replace temp table happenings as
with
steps (slot, i, right_type, event_type, after_days, reason_code) as (
    select 0, i, first_right, 'received', 0.0, null from lives
    union all
    select 1, i, second_right, 'received', if(draw(i, 'second later') < 0.3, 2 * draw(i, 'second'), 0.0), null
    from lives where second_right is not null
    union all
    select 2, i, null, 'acknowledged', 0.01 + 14 * pow(draw(i, 'ack'), 3), null from lives where draw(i, 'acked') < 0.88
    union all
    select 3, i, null, 'identity_requested', identity_asked, null from lives where identity_asked is not null
    union all
    select 4, i, null, 'identity_verified', identity_asked + identity_wait, null
    from lives where identity_asked is not null and identity_wait is not null
    union all
    select 5, i, if(speaks_of_all, null, first_right), 'clarification_requested', clarification_asked, null
    from lives where clarification_asked is not null
    union all
    select 6, i, if(speaks_of_all, null, first_right), 'clarification_received', clarification_asked + clarification_wait, null
    from lives where clarification_asked is not null and clarification_wait is not null
    union all
    select 7, i, null, 'fee_requested', fee_asked, null from lives where fee_asked is not null
    union all
    select 8, i, null, 'fee_paid', fee_asked + 1 + 6 * draw(i, 'fee wait'), null from lives where fee_asked is not null
    union all
    select 9, i, if(speaks_of_all, null, first_right), 'extended', extended, pick(i, 'why longer', ['complexity', 'number_of_requests'])
    from lives where extended is not null
    union all
    select 10, i, if(speaks_of_all, null, first_right), 'extension_revoked', extended + 1, null
    from lives where extended is not null and draw(i, 'revoked') < 0.03
    union all
    select 11, i, null, 'forwarded_to_controller', 0.1 + 4 * draw(i, 'forwarded'), null from lives where is_processor
    union all
    select 12, i, null, 'excluded', 0.5 + 6 * draw(i, 'excluded'), 'not_controller' from lives where is_processor and draw(i, 'said') < 0.7
    union all
    select
        13, i, if(speaks_of_all, null, first_right),
        case when draw(i, 'answer') < 0.86 then 'fulfilled' when draw(i, 'answer') < 0.92 then 'partially_fulfilled' else 'denied' end,
        closed,
        case when draw(i, 'answer') >= 0.86
            then pick(i, 'ground', ['identity_not_verified', 'exempt', 'manifestly_unfounded', 'no_data', 'third_party_rights', 'other'])
        end
    from lives where is_answered
    union all
    select 14, i, second_right, 'fulfilled', closed + 3 * draw(i, 'second closed'), null
    from lives where is_answered and second_right is not null and not speaks_of_all
    union all
    select 15, i, if(speaks_of_all, null, first_right), 'withdrawn', 1 + 50 * pow(draw(i, 'withdrawn'), 2), null from lives where is_withdrawn
    union all
    select 16, i, if(speaks_of_all, null, first_right), 'excluded', 1 + 45 * pow(draw(i, 'excluded'), 2),
        pick(i, 'excluded why', ['duplicate', 'test', 'not_a_request'])
    from lives where is_excluded
    union all
    select 17, i, null, 'reopened', closed + 1 + 20 * draw(i, 'reopened at'), null from lives where is_reopened
    union all
    select 18, i, null, 'fulfilled', closed + 22 + 20 * draw(i, 'closed again'), null from lives where is_reopened and draw(i, 'again') < 0.9
    union all
    select 19, i, null, 'stop_lifted', closed + 60 * draw(i, 'lifted'), null
    from lives where is_answered and first_right in ('objection', 'restriction', 'opt_out_sale_share') and draw(i, 'lift') < 0.1
    union all
    select 20 + system, i, if(speaks_of_all, null, first_right), 'system_completed', greatest(0.1, closed - 4 * draw(i, 'system' || system)), null
    from lives, range(8) as systems (system)
    where is_answered and system < 1 + 8 * draw(i, 'systems')
)

select
    slot, i, 'e' || i || '.' || slot as event_id, date_trunc('second', received_at + days(after_days)) as occurred_at,
    steps.right_type, event_type, reason_code
from steps
inner join lives using (i)
where received_at + days(after_days) < timestamptz '2026-11-01 00:00:00+00';

create or replace temp table happened as
select
    event_id, occurred_at,
    case when draw(i, 'recorded') >= 0.02 then occurred_at + to_microseconds((draw(i, slot) * 7200)::bigint * 1000000) end as recorded_at,
    if(event_type in ('received', 'acknowledged'), subject_ref, null) as subject_ref,
    if(event_type in ('received', 'acknowledged'), 'email', null) as subject_ref_type,
    request_id, right_type, event_type, if(event_type = 'received', jurisdiction, null) as jurisdiction,
    if(event_type = 'received' and draw(i, 'declared law') < 0.01, 'DECLARED', null) as regime_code,
    if(event_type = 'received', pick(i, 'channel', ['email', 'web_form', 'web_form', 'in_app', 'phone', 'mail', 'agent']), null) as channel,
    reason_code,
    if(reason_code = 'duplicate', 'DSR-2024-' || lpad((i // 2) || '', 8, '0'), null) as duplicate_of,
    if(event_type = 'received' and right_type in ('objection', 'opt_out_sale_share') and draw(i, 'purposes') < 0.5, ['marketing'], null) as purpose_codes,
    if(event_type = 'received' and is_processor, 'processor', null) as role,
    if(event_type = 'received' and draw(i, 'claim') < 0.05, date_trunc('day', occurred_at) + days(29 + floor(draw(i, 'claimed') * 4)), null) as declared_due_at,
    if(event_type = 'system_completed', pick(i, slot, ['crm', 'billing', 'warehouse', 'mailer', 'support', 'backup']), null) as system,
    if(event_type in ('fulfilled', 'partially_fulfilled'), 'https://vault.example/' || n || '/' || slot, null) as evidence_ref
from happenings
inner join (select i, n, request_id, subject_ref, jurisdiction, is_processor from lives) using (i);
