-- Every letter as the events that its system wrote down. A null right concerns every right of the letter.
create table steps as
with
open_fates as (select * from fates where source <> 'legacy_tickets'),

answered as (
    -- one closing for everything, or one for each right
    select
        *,
        second_right is not null and n % 5 < 2 as closes_apart,
        outcome in ('fulfilled', 'partially_fulfilled', 'denied') and not (wait = 'identity_unanswered') as is_answered,
        closed_at + days(0.5 + 3 * r(w, 1)) as second_closed_at
    from open_fates
),

happened as (
    select request_id, 'received' as step, 'received' as event_type, right_type, received_at as occurred_at, null::varchar as reason_code,
        null::varchar as system, null::varchar as duplicate_of from answered
    union all
    select request_id, 'received-2', 'received', second_right, received_at, null, null, null from answered where second_right is not null
    union all
    select request_id, 'acknowledged', 'acknowledged', null, least(received_at + days(0.02 + 3.2 * r(w, 2) * r(w, 1)), closed_at), null, null, null
    from answered where role = 'controller' and r(w, 3) < 0.998
    union all
    select request_id, 'forwarded', 'forwarded_to_controller', null, received_at + days(0.1 + 2.4 * r(w, 2)), null, null, null
    from answered where role = 'processor' and n % 40 <> 3
    union all
    select request_id, 'identity-asked', 'identity_requested', null, received_at + days(asked_after), null, null, null
    from answered where wait in ('identity', 'identity_unanswered') and role = 'controller' and handling > asked_after + 0.5
    union all
    select request_id, 'identity-shown', 'identity_verified', null, received_at + days(asked_after + waited), null, null, null
    from answered where wait = 'identity' and role = 'controller' and handling > asked_after + 0.5 and days_taken > asked_after + waited
    union all
    -- nobody came back: closed for want of proof, in California within the term and in Europe while the clock stood still
    select request_id, 'closed', 'denied', null, received_at + days(case when region in ('EU', 'UK', 'CH') then 60 else term * 0.8 end),
        'identity_not_verified', null, null
    from answered where wait = 'identity_unanswered' and outcome in ('fulfilled', 'partially_fulfilled', 'denied')
    union all
    select request_id, 'question', 'clarification_requested', null, received_at + days(asked_after), null, null, null
    from answered where wait = 'clarification' and role = 'controller' and handling > asked_after + 0.5
    union all
    select request_id, 'reply', 'clarification_received', null, received_at + days(asked_after + waited), null, null, null
    from answered where wait = 'clarification' and role = 'controller' and handling > asked_after + 0.5 and days_taken > asked_after + waited
    union all
    select request_id, 'extended', 'extended', case when second_right is not null then right_type end,
        received_at + given_back * interval 1 day
            + days(case extension when 'in_time' then term * (0.55 + 0.35 * r(w, 1)) else term * (1.03 + 0.12 * r(w, 1)) + 4 end),
        case when n % 3 = 0 then 'number_of_requests' else 'complexity' end, null, null
    from answered where extension <> 'none' and role = 'controller'
        and outcome in ('fulfilled', 'partially_fulfilled', 'denied') and wait <> 'identity_unanswered'
    union all
    -- an extension that Californian law does not know for an opt-out
    select request_id, 'extended', 'extended', null, received_at + days(2), 'number_of_requests', null, null
    from answered where right_type = 'opt_out_sale_share' and place = 'US-CA' and n % 53 = 1 and outcome = 'fulfilled' and days_taken > 2
    union all
    -- each system reports once to every case of the person that was open; the old ticket system takes no reports
    select granted.request_id, 'done-' || system, 'system_completed', 'erasure', min(erased_at), null, system, null
    from erased_sets
    inner join granted
        on granted.p = erased_sets.p and granted.right_type = 'erasure' and granted.source <> 'legacy_tickets'
        and granted.received_at < erased_sets.erased_at
    where is_concerned
    group by granted.request_id, system
    union all
    select request_id, 'closed', outcome, case when closes_apart then right_type end, closed_at,
        case
            -- a new template of spring 2026 had no line for the ground
            when outcome = 'denied' and right_type = 'access' and source = 'helpdesk'
                and closed_at between timestamp '2026-03-01' and timestamp '2026-05-01' then 'other'
            when outcome = 'denied' then ['exempt', 'no_data', 'identity_not_verified', 'excessive', 'third_party_rights', 'legal_obligation',
                'no_data', 'manifestly_unfounded'][1 + n % 8]
            when outcome = 'partially_fulfilled' then ['exempt', 'third_party_rights', 'legal_obligation'][1 + n % 3]
        end, null, null
    from answered where is_answered
    union all
    select request_id, 'closed-2', outcome, second_right, second_closed_at,
        case outcome when 'denied' then 'legal_obligation' when 'partially_fulfilled' then 'legal_obligation' end, null, null
    from answered where is_answered and closes_apart
    union all
    select request_id, 'withdrawn', 'withdrawn', null, closed_at, null, null, null from answered where outcome = 'withdrawn'
    union all
    select answered.request_id, 'excluded', 'excluded', null, answered.closed_at,
        case when answered.outcome = 'duplicate' and earlier.request_id is null then 'not_a_request' else answered.outcome end, null,
        case when answered.outcome = 'duplicate' then earlier.request_id end
    from answered
    asof left join (select p, n, request_id from fates where outcome = 'fulfilled' and source <> 'legacy_tickets') as earlier
        on answered.p = earlier.p and answered.n > earlier.n
    where answered.outcome in ('duplicate', 'not_a_request', 'test')
    union all
    -- something was missing in the answer: the case is opened again, on the old clock
    select request_id, 'reopened', 'reopened', null, closed_at + days(3 + 12 * r(w, 1)), null, null, null
    from answered where outcome = 'fulfilled' and is_answered and second_right is null and right_type in ('access', 'erasure') and n % 97 = 17
    union all
    select request_id, 'closed-again', 'fulfilled', null, closed_at + days(16 + 4 * r(w, 1)), null, null, null
    from answered where outcome = 'fulfilled' and is_answered and second_right is null and right_type in ('access', 'erasure') and n % 97 = 17
    union all
    -- the person does not accept a denial, or half an answer: a complaint with a clock of its own
    select request_id, 'appeal', 'received', 'appeal', closed_at + days(4 + 20 * r(w, 1)), null, null, null
    from answered where is_resented and is_answered and region = 'US' and place not in ('US-UT', 'US-FL') and n % 7 = 2
    union all
    select request_id, 'appeal-closed', case when n % 3 = 0 then 'fulfilled' else 'denied' end, 'appeal',
        closed_at + days(26 + 25 * r(w, 2)), case when n % 3 = 0 then null else 'exempt' end, null, null
    from answered where is_resented and is_answered and region = 'US' and place not in ('US-UT', 'US-FL') and n % 7 = 2
    union all
    select request_id, 'lifted', 'stop_lifted', right_type, closed_at + days(20 + 60 * r(w, 1)), null, null, null
    from answered where outcome = 'fulfilled' and is_answered and right_type in ('opt_out_sale_share', 'objection') and n % 150 = 11
)

select * from happened where occurred_at <= last_instant();

-- The rows as delivered. Two systems write them: the help desk in Sarasota and the portal of the European companies.
create table request_events as
with
delivered as (
    select
        fates.source,
        steps.request_id || ':' || steps.step as event_id,
        null::bigint as revision,
        steps.occurred_at,
        -- a letter by post is typed in when somebody opens it
        case
            when n % 11 = 4 then null
            when n % 1700 = 8 and steps.event_type = 'acknowledged' then steps.occurred_at - interval 2 days
            when steps.event_type = 'received' and channel = 'mail'
                then least(steps.occurred_at + days(0.6 + 3.4 * r(w, 1)), last_instant())
            else least(steps.occurred_at + days(0.09 * r(w, 2)), last_instant())
        end as recorded_at,
        case when steps.event_type = 'received' then email end as subject_ref,
        steps.request_id,
        steps.right_type,
        steps.event_type,
        case when steps.event_type = 'received' then case when n in (2207, 6031, 9903) then 'NG' else place end end as jurisdiction,
        -- somebody at the help desk applied the law of Europe to people in California
        case when steps.event_type = 'received' and place = 'US-CA' and n % 500 = 33 then 'EU_GDPR' end as regime_code,
        case when steps.event_type = 'received' then channel end as channel,
        steps.reason_code,
        steps.duplicate_of,
        case when steps.event_type = 'received' and steps.right_type = 'objection' and n % 4 = 0 then 'product_news;relationship' end
            as purpose_codes,
        case when steps.event_type = 'received' then role end as role,
        -- the help desk promises thirty days to everyone, whatever the law requires
        case when fates.source = 'helpdesk' and steps.event_type = 'received' and (region = 'NONE' or n % 25 = 2)
            then steps.occurred_at + interval 30 days end as declared_due_at,
        steps.system,
        case when steps.event_type in ('fulfilled', 'partially_fulfilled', 'denied') and n % 10 < 8
            then 'https://evidence.larkfield.example/cases/' || steps.request_id end as evidence_ref,
        n
    from steps
    inner join fates using (request_id)
),

-- answers whose date was put right later: the second statement counts
fixed as (
    select * replace (1 as revision, occurred_at - interval 1 day as occurred_at, recorded_at + interval 3 days as recorded_at)
    from delivered
    where event_id like '%:closed' and n % 240 = 31 and occurred_at < timestamp '2026-09-20'
),

-- two exports that disagree about the same answer, and nothing shows which is right
disputed as (
    select * replace (occurred_at + interval 9 days as occurred_at, recorded_at + interval 9 days as recorded_at)
    from delivered
    where event_id like '%:closed' and event_type = 'fulfilled' and n % 1900 = 77 and occurred_at < timestamp '2026-04-20'
),

-- a wrong year: an answer from the future, which moves nothing
mistyped as (
    select * replace (event_id || '-mistyped' as event_id, occurred_at + interval 1 year as occurred_at, null as recorded_at)
    from delivered
    where event_id = (select min(event_id) from delivered where event_id like 'HD-%:acknowledged' and occurred_at > timestamp '2026-09-15')
),

-- answers to cases that nobody ever saw arrive
stray as (
    select * replace ('HD-' || (990000 + n) as request_id, 'HD-' || (990000 + n) || ':closed' as event_id, 'access' as right_type)
    from delivered
    where event_id like 'HD-%:closed' and event_type = 'fulfilled' and n % 700 = 55 and occurred_at < timestamp '2025-12-01'
)

select * from delivered
union all
select * from fixed
union all
select * from disputed
union all
select * from stray
union all
select * from mistyped;

-- The old ticket system of the European companies: one wide row per case, days without hours.
create table legacy_cases as
select
    request_id as "Case",
    case channel when 'mail' then 'Letter' when 'phone' then 'Telephone' else 'E-mail' end as "Came by",
    email as "Requester",
    place as "Country",
    case right_type
        when 'access' then 'Copy of data' when 'erasure' then 'Deletion' when 'rectification' then 'Correction'
        when 'portability' then 'Transfer' when 'objection' then 'Objection' when 'restriction' then 'Restriction'
        when 'consent_withdrawal' then 'Consent withdrawn' else 'Automated decision'
    end as "Subject",
    strftime(received_at, '%m/%d/%Y') as "Opened",
    case when closed_at <= least(last_instant(), timestamp '2026-06-30') then strftime(closed_at, '%m/%d/%Y') else '' end as "Closed",
    case
        when closed_at > least(last_instant(), timestamp '2026-06-30') then 'Open'
        when outcome in ('fulfilled', 'forwarded') then 'Granted' when outcome = 'partially_fulfilled' then 'Granted in part'
        when outcome = 'denied' then 'Refused' when outcome = 'withdrawn' then 'Withdrawn' when outcome = 'test' then 'Test'
        when outcome = 'duplicate' then 'No request' else 'No request'
    end as "Status",
    case when n % 9 = 0 then 'Größe des Anhangs geprüft – siehe Akte' else '' end as "Notes",
    received_at
from fates
where source = 'legacy_tickets'
union all
select 'LT-0000' || i, 'E-mail', '', 'IE', 'Copy of data', '04/0' || i || '/2025', '', 'Draft', '', timestamp '2025-04-01' + days(i)
from range(1, 6) as drafts (i);
