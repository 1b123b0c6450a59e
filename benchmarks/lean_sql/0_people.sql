-- The law, the types of the requests log, and the key of every person. {references} is filled in by lean.py.

create temp table rules as
select
    * replace (
        valid_from::date as valid_from, coalesce(valid_to::date, date '9999-12-31') as valid_to,
        response_n::bigint as response_n, extension_n::bigint as extension_n, ack_n::bigint as ack_n
    )
from read_csv(getvariable('law') || '/regimes.csv', header = true, all_varchar = true, nullstr = '');

create temp table places as
select
    * exclude (notes) replace (
        coalesce(valid_from::date, date '0001-01-01') as valid_from, coalesce(valid_to::date, date '9999-12-31') as valid_to
    )
from read_csv(getvariable('law') || '/jurisdictions.csv', header = true, all_varchar = true, nullstr = '');

create type event_type as enum (
    'received', 'acknowledged', 'identity_requested', 'identity_verified', 'clarification_requested', 'clarification_received',
    'fee_requested', 'fee_paid', 'extended', 'extension_revoked', 'forwarded_to_controller', 'system_completed', 'fulfilled',
    'partially_fulfilled', 'denied', 'withdrawn', 'excluded', 'reopened', 'stop_lifted'
);
create type reason as enum (
    'complexity', 'number_of_requests', 'identity_not_verified', 'exempt', 'manifestly_unfounded', 'excessive', 'no_data',
    'third_party_rights', 'legal_obligation', 'other', 'duplicate', 'test', 'not_a_request', 'not_controller'
);

create temp table people as
select
    subject_ref, subject_ref_type,
    left(sha256(getvariable('opad')::blob || unhex(sha256(getvariable('ipad')::blob || encode(
        subject_ref_type || ':' || nfc_normalize(lower(nfc_normalize(trim(subject_ref))))
    )))), 32) as subject_key
from (select distinct * from ({references}) where subject_ref is not null);
