-- From the inbox to landed Parquet: validate, key the persons, drop what came twice, flag what contradicts.

create type event_type as enum (
    'received', 'acknowledged', 'identity_requested', 'identity_verified', 'clarification_requested', 'clarification_received',
    'fee_requested', 'fee_paid', 'extended', 'extension_revoked', 'forwarded_to_controller', 'system_completed', 'fulfilled',
    'partially_fulfilled', 'denied', 'withdrawn', 'excluded', 'reopened', 'stop_lifted'
);
create type right_type as enum (
    'access', 'portability', 'rectification', 'erasure', 'restriction', 'objection', 'automated_decision', 'opt_out_sale_share',
    'limit_sensitive', 'consent_withdrawal', 'appeal'
);
create type channel as enum ('email', 'mail', 'web_form', 'phone', 'in_app', 'in_person', 'agent');
create type reason as enum (
    'complexity', 'number_of_requests', 'identity_not_verified', 'exempt', 'manifestly_unfounded', 'excessive', 'no_data',
    'third_party_rights', 'legal_obligation', 'other', 'duplicate', 'test', 'not_a_request', 'not_controller'
);

create view inbox as
select *, file_row_number + 1 as row_number, try_cast(event_type as event_type) as typed_event
from read_parquet(getvariable('inbox'), filename = true, file_row_number = true);

create macro is_valid(r) as (
    r.event_id is not null and r.occurred_at is not null and r.request_id is not null and r.typed_event is not null
    and (r.right_type is null or try_cast(r.right_type as right_type) is not null)
    and (r.channel is null or try_cast(r.channel as channel) is not null)
    and (r.reason_code is null or try_cast(r.reason_code as reason) is not null)
    and (r.role is null or r.role in ('controller', 'processor'))
    and (r.jurisdiction is null or regexp_full_match(r.jurisdiction, '[A-Z]{2}(-[A-Z0-9]{1,3})?'))
    and (r.evidence_ref is null or regexp_full_match(r.evidence_ref, '[A-Za-z][A-Za-z0-9+.-]*:[^[:space:]]+'))
    and (r.reason_code is not null or r.event_type not in ('denied', 'partially_fulfilled', 'excluded'))
    and (
        r.event_type <> 'received'
        or (r.right_type is not null and r.jurisdiction is not null and r.channel is not null and r.subject_ref is not null)
    )
);

create temp table people as
select
    subject_ref,
    subject_ref_type,
    left(sha256($opad::blob || unhex(sha256($ipad::blob || encode(
        subject_ref_type || ':' || nfc_normalize(lower(nfc_normalize(trim(subject_ref))))
    )))), 32) as subject_key
from (select distinct subject_ref, subject_ref_type from inbox where subject_ref is not null);

create temp table batches as
select filename, 'b-' || lpad((row_number() over (order by filename)) || '', 4, '0') as batch_id
from (select distinct filename from inbox);

-- Ids that are seen more than once, by a hash that may suspect a few too many.
create temp table suspects as
select id_hash from (select hash(event_id) as id_hash from inbox) group by id_hash having count(*) > 1;

create view typed as
select
    'helpdesk' as namespace,
    event_id,
    coalesce(revision, 0) as revision,
    occurred_at,
    recorded_at,
    subject_key,
    subject_ref_type,
    request_id,
    right_type,
    event_type,
    jurisdiction,
    regime_code,
    channel,
    reason_code,
    duplicate_of,
    purpose_codes,
    coalesce(role, 'controller') as role,
    declared_due_at,
    system,
    evidence_ref,
    'helpdesk' as source,
    batch_id,
    'key-1' as key_id,
    getvariable('landed_at') as landed_at,
    row_number
from inbox as r
inner join batches using (filename)
left join people using (subject_ref, subject_ref_type)
where is_valid(r);

create temp table contested as
with
suspected as (select typed.* from typed semi join suspects on hash(event_id) = id_hash),

once as (
    select
        * exclude (batch_id, row_number),
        min({batch_id: batch_id, row_number: row_number}) as place
    from suspected
    group by all
)

select
    * exclude (place),
    unnest(place),
    row_number() over (partition by event_id order by place) > 1 as collides,
    revision = max(revision) over (partition by event_id) and count(*) over (partition by event_id, revision) = 1 as counts
from once;

copy (
    select typed.*, false as collides, true as counts from typed anti join suspects on hash(event_id) = id_hash
    union all by name
    from contested
) to $landed (format parquet, parquet_version v2, compression zstd, compression_level 1);

create view events as
select *, ((epoch_us(occurred_at) * 32 + enum_code(event_type::event_type)) * 16 + coalesce(enum_code(reason_code::reason), 15)) as seq
from read_parquet(getvariable('landed'))
where counts and occurred_at <= getvariable('as_of');
