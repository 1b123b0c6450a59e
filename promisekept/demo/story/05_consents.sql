-- What people agreed to, and what happened when they changed their minds: the data warehouse never confirms that it has
-- stopped, and goes on using what it has. The help desk enters whoever withdraws by a request in the consent platform once it is
-- answered, or after three days; the desk in Dublin answers, and no system hears of it.
create table revocations as
select p, min(least(closed_at, received_at + days(3))) as revoked_at
from fates
where right_type = 'consent_withdrawal' and outcome in ('fulfilled', 'partially_fulfilled') and closed_at <= last_instant() and source = 'helpdesk'
group by p;

create table consent_histories as
with
banners as (
    select i, 1 + (i * 2731) % 9000 as p, ['product_news', 'usage_analytics', 'call_recording', 'partner_sharing'][1 + i % 4] as purpose_code,
        h('consent', i) as x, h('consent-more', i) as y
    from range(1, 5201) as stories (i)
),

answered as (
    select
        banners.*,
        quiet.email, quiet.place, quiet.quiet_from,
        first_instant() + days(1.5) + (quiet_from - first_instant() - days(2)) * r(x, 0) as shown_at,
        case when r(x, 1) < case purpose_code when 'product_news' then 0.62 when 'usage_analytics' then 0.71 when 'call_recording' then 0.81
            else 0.34 end then 'given' when r(x, 1) < 0.90 then 'refused' else 'ignored' end as answer
    from banners
    inner join quiet using (p)
    where quiet_from > first_instant() + days(8)
),

changed as (
    select
        *,
        shown_at + days(0.001 + 0.2 * r(x, 2)) as answered_at,
        case when answer = 'given' and r(x, 3) < 0.20 then shown_at + days(3 + 260 * r(y, 0)) end as opted_out_at,
        case
            when answer = 'given' and answered_at < revoked_at and coalesce(opted_out_at > revoked_at, true)
                then revoked_at + days(0.02 + 0.2 * r(y, 3))
            else opted_out_at
        end as withdrawn_at,
        coalesce(withdrawn_at > revoked_at, false) as is_by_request,
        purpose_code = 'usage_analytics' and r(y, 1) < 0.75 and shown_at + days(350) < last_instant() as is_renewed,
        case
            when purpose_code = 'call_recording' and i % 4 = 2 and i % 30 < 20 then 'verbal'
            when purpose_code = 'partner_sharing' then 'form' when purpose_code = 'call_recording' then 'contract' else 'banner'
        end as mechanism
    from answered
    left join revocations using (p)
)

select
    *,
    case
        when answered_at < timestamp '2025-12-15 05:00:00' then '2025-04'
        when answered_at < timestamp '2026-08-01 04:00:00' then '2025-12'
        else '2026-08'
    end as policy_version,
    'N-' || upper(left(purpose_code, 3)) || '-' || strftime(answered_at, '%y') as notice_id
from changed;

create table consent_systems as
select * from (
    values
    ('product_news', 'marketing_mail', 1.5), ('product_news', 'crm', 7), ('usage_analytics', 'web_analytics', 0.4),
    ('usage_analytics', 'data_warehouse', null), ('call_recording', 'contact_centre', 2), ('partner_sharing', 'crm', 6),
    ('partner_sharing', 'partner_gateway', 20)
) as listed (purpose_code, system, hours);

create table consent_events as
with
happened as (
    select i, 'shown' as event_type, shown_at as occurred_at, null::varchar as system from consent_histories
    union all
    select i, answer, answered_at, null from consent_histories where answer <> 'ignored'
    union all
    select i, 'renewed', answered_at + days(345 + 15 * r(y, 2)), null from consent_histories
    where is_renewed and answer = 'given' and withdrawn_at is null and quiet_from > answered_at + days(362)
    union all
    select i, 'withdrawn', withdrawn_at, null from consent_histories where withdrawn_at < quiet_from or is_by_request
    union all
    select i, 'withdrawal_applied', withdrawn_at + to_hours(greatest(1, round(hours * (0.4 + 2.2 * r(h(system, i), 0)))::bigint)), consent_systems.system
    from consent_histories
    inner join consent_systems using (purpose_code)
    where (withdrawn_at < quiet_from or is_by_request) and hours is not null
        -- the gateway to the partners lost its queue over a weekend of February 2026
        and not (consent_systems.system = 'partner_gateway' and withdrawn_at between timestamp '2026-02-06' and timestamp '2026-02-20')
)

select
    'CE-' || (100000 + happened.i) || ':' || happened.event_type || coalesce(':' || happened.system, '') as event_id,
    happened.occurred_at,
    email as subject_ref,
    purpose_code,
    happened.event_type,
    case when happened.event_type = 'withdrawn' and place like 'US-%' and mechanism = 'banner' and i % 3 = 0 then 'gpc' else mechanism end
        as mechanism,
    case
        when happened.event_type = 'renewed' and happened.occurred_at >= timestamp '2026-08-01 04:00:00' then '2026-08'
        when happened.event_type = 'renewed' and happened.occurred_at >= timestamp '2025-12-15 05:00:00' then '2025-12'
        when happened.event_type in ('shown', 'given', 'refused', 'renewed') then policy_version
    end as policy_version,
    case when happened.event_type in ('shown', 'given', 'refused', 'renewed') then notice_id end as notice_id,
    place as jurisdiction,
    happened.system,
    case when happened.event_type = 'given' and i % 2 = 0 then 'https://evidence.larkfield.example/consents/CE-' || (100000 + i) end
        as evidence_ref
from happened
inner join consent_histories using (i)
where happened.occurred_at <= last_instant();

create table active_consents as
select p, purpose_code, answered_at + days(0.1) as since,
    least(coalesce(withdrawn_at, last_instant()), quiet_from, case when purpose_code = 'usage_analytics' then answered_at + days(360) else last_instant() end)
        - days(0.1) as until
from consent_histories
where answer = 'given';
