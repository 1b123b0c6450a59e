-- The files as each system delivers them: a view per source; `delivered` names the file, `moment` and event_id order it.
create or replace macro iso(t) as strftime(t, '%Y-%m-%dT%H:%M:%SZ');
create or replace macro new_york(t) as strftime((t at time zone 'UTC') at time zone 'America/New_York', '%Y-%m-%d %H:%M:%S');
create or replace macro native(t) as date_trunc('second', t) at time zone 'UTC';
create or replace macro quarter_of(t) as year(t - interval 4 hours) || '-Q' || quarter(t - interval 4 hours);
create or replace macro year_of(t) as year(t - interval 4 hours)::varchar;
create or replace macro as_list(t) as string_split(t, ';');

create view helpdesk as
with
rows as (
    select
        quarter_of(least(occurred_at, last_instant())) as delivered, occurred_at as moment, event_id, revision, new_york(occurred_at) as occurred_at,
        new_york(recorded_at) as recorded_at, subject_ref, request_id, right_type, event_type, jurisdiction, regime_code, channel, reason_code, duplicate_of,
        purpose_codes, role, new_york(declared_due_at) as declared_due_at, system, evidence_ref
    from request_events
    where source = 'helpdesk'
)

from rows
union all
-- the export of a new quarter begins with the last two days of the old one, delivered again
select * replace (quarter_of(moment + interval 2 days) as delivered)
from rows
where quarter_of(moment) <> quarter_of(moment + interval 2 days) and moment < timestamp '2026-09-01' and moment + interval 2 days < timestamp '2026-09-01';

create view privacy_portal as
select
    year_of(occurred_at) as delivered, occurred_at as moment, event_id, revision, iso(occurred_at) as occurred_at, iso(recorded_at) as recorded_at,
    subject_ref, request_id, right_type, event_type, jurisdiction, channel, reason_code, duplicate_of, as_list(purpose_codes) as purpose_codes, role,
    system, evidence_ref
from request_events
where source = 'privacy_portal';

create view legacy_tickets as
select 'export-2026-06-30' as delivered, received_at as moment, "Case" as event_id, * exclude (received_at) from legacy_cases;

create view consent_platform as
select year_of(occurred_at) as delivered, occurred_at as moment, event_id, iso(occurred_at) as occurred_at, * exclude (event_id, occurred_at)
from consent_events;

create view disclosure_register as
select
    year_of(occurred_at) as delivered, occurred_at as moment, event_id, native(occurred_at) as occurred_at,
    as_list(data_categories) as data_categories, native(collected_at) as collected_at, native(disclosed_to_subject_at) as disclosed_to_subject_at,
    * exclude (event_id, occurred_at, data_categories, collected_at, disclosed_to_subject_at)
from disclosure_events;

create view record_catalogue as
select
    year_of(occurred_at) as delivered, occurred_at as moment,
    record_id || ':' || event_type || if(event_type = 'hold_placed' and occurred_at in (select placed_again_at from holds), ':again', '') as event_id,
    iso(occurred_at) as occurred_at, case when not is_bulk then customer_id end as subject_ref, record_id, event_type,
    case when event_type = 'created' then system end as system, case when event_type = 'created' then data_category end as data_category,
    case when event_type = 'created' then purpose_code end as purpose_code, case when event_type = 'created' and not is_bulk then place end as jurisdiction,
    case when event_type = 'created' then contract_ref end as contract_ref, hold_ref, method,
    case when event_type = 'created' then record_count end as record_count
from (
    from retention_events
    union all
    -- the catalogue records one deletion on two days
    select * replace (occurred_at + interval 1 day as occurred_at)
    from (
        from retention_events
        where event_type = 'deleted' and system = 'meet' and contract_ref is null and not is_bulk
            and record_id not in (select record_id from erased_sets)
            and record_id in (select record_id from record_sets where created_at > timestamp '2026-04-10')
            and occurred_at between timestamp '2026-09-18' and timestamp '2026-09-26'
        order by record_id limit 1
    )
);

create view inventory_scanner as
select
    'scans' as delivered, occurred_at as moment, 'SCAN-' || strftime(occurred_at, '%Y%m%d') || '-' || record_id as event_id,
    native(occurred_at) as occurred_at, record_id, 'seen' as event_type
from scans;

create view notice_log as
select
    year_of(occurred_at) as delivered, occurred_at as moment, event_id, new_york(occurred_at) as occurred_at,
    new_york(notice_shown_at) as notice_shown_at, * exclude (event_id, occurred_at, notice_shown_at)
from collection_events;

create view processing_register as
select
    year_of(occurred_at) as delivered, occurred_at as moment, event_id, native(occurred_at) as occurred_at, customer_id as subject_ref,
    as_list(data_categories) as data_categories, * exclude (event_id, occurred_at, customer_id, data_categories)
from processing_events;

create view incident_desk as
select 'incidents' as delivered, occurred_at as moment, event_id, iso(occurred_at) as occurred_at, * exclude (event_id, occurred_at) from incident_events;

create view policy_site as
select 'versions' as delivered, occurred_at as moment, event_id, iso(occurred_at) as occurred_at, * exclude (event_id, occurred_at) from policy_events;

create view identity_links as
select 'links' as delivered, occurred_at as moment, event_id, * exclude (event_id) from link_events;

create view compliance_desk as
select 'acts' as delivered, occurred_at as moment, event_id, iso(occurred_at) as occurred_at, * exclude (event_id, occurred_at) from remediation_events;
