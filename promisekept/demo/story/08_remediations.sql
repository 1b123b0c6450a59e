-- What the people of Larkfield did about findings until the end of September 2026. A group is named as the models name it: by the
-- finding and what its cases have in common.
create or replace macro group_of(code, cause) as md5(to_json([code, cause])::varchar);

create table remediation_events as
with
acts (event_id, moment, who, role, event_type, code, cause, owner, due_date, accepted_until, note, evidence_ref, withdrawn_event_id) as (
    values
    -- The agreement that ended: work in progress.
    ('REM-001', '2026-07-03 09:05', 'E-1042', 'Privacy office', 'assigned', 'no_agreement', '{"recipient_id":"transcribe_ai"}', 'Procurement', '2026-10-31', null, null, null, null),
    ('REM-017', '2026-09-22 15:40', 'E-2210', 'Procurement', 'commented', 'no_agreement', '{"recipient_id":"transcribe_ai"}', null, null, null, 'Draft renewal sent to the provider; transfer clauses unchanged.', null, null),
    -- The retention job: promised for 25 September, and nothing happened.
    ('REM-005', '2026-07-20 10:12', 'E-1042', 'Privacy office', 'assigned', 'over_retained', '{"system":"contact_centre","data_category":"call_recording"}', 'Data Platform', '2026-09-25', null, null, null, null),
    ('REM-006', '2026-07-20 10:14', 'E-1042', 'Privacy office', 'assigned', 'over_retained', '{"system":"contact_centre","data_category":"call_sentiment"}', 'Data Platform', '2026-09-25', null, null, null, null),
    -- The policy change: overdue for longest.
    ('REM-009', '2026-08-05 14:30', 'E-1042', 'Privacy office', 'assigned', 'change_announced_late', '{"entity":"policies/policy_site/2026-08"}', 'Legal', '2026-09-15', null, null, null, null),
    -- The mailing system takes objections late: an acceptance that was withdrawn within the hour.
    ('REM-002', '2026-07-06 11:00', 'E-1042', 'Privacy office', 'assigned', 'processed_after_stop', '{"system":"marketing_mail","purpose_code":"relationship"}', 'Marketing Operations', '2026-10-15', null, null, null, null),
    ('REM-010', '2026-08-11 16:20', 'E-1042', 'Privacy office', 'accepted', 'processed_after_stop', '{"system":"marketing_mail","purpose_code":"relationship"}', null, null, '2026-10-15', 'The copy of addresses is replaced in October.', null, null),
    ('REM-011', '2026-08-11 16:55', 'E-1042', 'Privacy office', 'withdrawn', null, null, null, null, null, null, null, 'REM-010'),
    -- The mail provider: resolved in August, and it went on.
    ('REM-004', '2026-07-17 09:30', 'E-1042', 'Privacy office', 'assigned', 'shared_after_stop', '{"recipient_id":"smtp_relay"}', 'Procurement', '2026-08-31', null, null, null, null),
    ('REM-012', '2026-08-12 10:05', 'E-2210', 'Procurement', 'resolved', 'shared_after_stop', '{"recipient_id":"smtp_relay"}', null, null, null, 'The provider confirmed that it removed the objecting addresses.', 'https://evidence.larkfield.example/tickets/PRV-771', null),
    -- Withdrawals that the data warehouse never applies: accepted until its next release.
    ('REM-003', '2026-07-06 11:10', 'E-1042', 'Privacy office', 'assigned', 'withdrawal_unconfirmed', '{"system":"data_warehouse"}', 'Marketing Operations', '2026-09-30', null, null, null, null),
    ('REM-016', '2026-09-10 08:21', 'E-1001', 'Data protection officer', 'accepted', 'withdrawal_unconfirmed', '{"system":"data_warehouse"}', null, null, '2026-11-30', 'The release of November applies withdrawals; until then no new analysis uses the purpose.', 'https://evidence.larkfield.example/risks/R-58', null),
    -- Bulk deliveries name nobody by design: accepted for longer than the pack allows.
    ('REM-007', '2026-07-28 09:00', 'E-1001', 'Data protection officer', 'accepted', 'shared_without_person', '{"recipient_id":"cloudhost"}', null, null, '2028-12-31', 'Hosting moves whole volumes; the contract lists what they hold.', null, null),
    -- A hold that nobody reviewed: accepted until the end of August, and open again.
    ('REM-018', '2026-06-08 13:00', 'E-1042', 'Privacy office', 'assigned', 'hold_not_reviewed', '{"system":"crm"}', 'Legal', '2026-10-15', null, null, null, null),
    ('REM-019', '2026-06-15 17:45', 'E-1001', 'Data protection officer', 'accepted', 'hold_not_reviewed', '{"system":"crm"}', null, null, '2026-08-31', 'Counsel reviews the case after the hearing in August.', null, null),
    -- What was fixed and stayed so.
    ('REM-020', '2026-03-20 15:00', 'E-3307', 'Product Management', 'resolved', 'collected_without_notice', '{"collection_type":"feature","feature":"call_sentiment"}', null, null, null, 'The notice has been shown before the feature since 20 March.', null, null),
    ('REM-021', '2026-03-23 10:00', 'E-2210', 'Procurement', 'resolved', 'categories_not_allowed', '{"recipient_id":"analytics_co"}', null, null, null, 'The column was removed from the report.', 'https://evidence.larkfield.example/tickets/PRV-640', null),
    ('REM-022', '2026-05-04 09:20', 'E-1042', 'Privacy office', 'assigned', 'denial_without_ground', '{"source":"helpdesk","denial_reason":"other"}', 'Privacy Operations', '2026-05-29', null, null, null, null),
    ('REM-023', '2026-05-12 11:35', 'E-1042', 'Privacy office', 'resolved', 'denial_without_ground', '{"source":"helpdesk","denial_reason":"other"}', null, null, null, 'The template has a line for the ground.', null, null),
    -- The restored backup: resolved, and reopened by a person.
    ('REM-013', '2026-08-20 09:15', 'E-4410', 'Data Platform', 'resolved', 'reappeared', '{"system":"crm","data_category":"contact_details"}', null, null, null, 'The restored record sets were deleted again.', null, null),
    ('REM-015', '2026-09-02 12:00', 'E-1042', 'Privacy office', 'reopened', 'reappeared', '{"system":"crm","data_category":"contact_details"}', null, null, null, 'The catalogue records no second deletion.', null, null)
)

select
    event_id, moment::timestamp + interval 4 hours as occurred_at, event_type, who as subject_ref, role,
    if(code is not null, group_of(code, cause), null) as group_key, owner, due_date, accepted_until, note, evidence_ref, withdrawn_event_id
from acts;
