-- 11,400 letters and what became of them. `term` is the period in days that the law of the place roughly gives; the
-- deadline engine knows it exactly, the story only needs people who are on time, late, waiting or forgotten.
create table request_rights as
select region, right_type, sum(weight) over (partition by region order by position) - weight as from_slot,
    sum(weight) over (partition by region order by position) as to_slot, sum(weight) over (partition by region) as slots
from (
    select row_number() over () as position, *
    from (
        values
        ('EU', 'access', 46), ('EU', 'erasure', 30), ('EU', 'rectification', 9), ('EU', 'portability', 4), ('EU', 'objection', 6),
        ('EU', 'restriction', 3), ('EU', 'automated_decision', 1), ('EU', 'consent_withdrawal', 1),
        ('UK', 'access', 48), ('UK', 'erasure', 29), ('UK', 'rectification', 9), ('UK', 'portability', 4), ('UK', 'objection', 6),
        ('UK', 'restriction', 3), ('UK', 'automated_decision', 1),
        ('CH', 'access', 60), ('CH', 'erasure', 25), ('CH', 'rectification', 10), ('CH', 'objection', 5),
        ('US', 'access', 37), ('US', 'erasure', 31), ('US', 'opt_out_sale_share', 24), ('US', 'portability', 4), ('US', 'automated_decision', 1),
        ('CAL', 'access', 34), ('CAL', 'erasure', 30), ('CAL', 'opt_out_sale_share', 24), ('CAL', 'rectification', 6),
        ('CAL', 'limit_sensitive', 3), ('CAL', 'portability', 3),
        ('CA', 'access', 75), ('CA', 'rectification', 20), ('CA', 'consent_withdrawal', 5),
        ('QC', 'access', 50), ('QC', 'erasure', 20), ('QC', 'rectification', 20), ('QC', 'portability', 10),
        ('BR', 'access', 70), ('BR', 'erasure', 20), ('BR', 'rectification', 10),
        ('SG', 'access', 80), ('SG', 'rectification', 15), ('SG', 'consent_withdrawal', 5),
        ('AU', 'access', 80), ('AU', 'rectification', 20),
        ('NONE', 'access', 55), ('NONE', 'erasure', 40), ('NONE', 'portability', 5)
    ) as listed (region, right_type, weight)
);

create table letters as
with
drawn as (
    select k, h('letter', k) as x, h('letter-more', k) as y, h('letter-still-more', k) as z, h('letter-person', k) as who
    from range(1, 11401) as letters (k)
),

placed as (
    select
        drawn.*,
        people.*,
        first_instant() + days(1 + floor(546 * pow(r(x, 0), 0.86)) + 0.35 + 0.42 * r(x, 1)) as received_at,
        case when people.place = 'US-CA' then 'CAL' else people.region end as rights_of
    from drawn
    inner join people on people.p = 1 + floor(9000 * r(who, 0))::bigint
),

righted as (
    select placed.*, request_rights.right_type
    from placed
    inner join request_rights
        on request_rights.region = placed.rights_of
        and r(who, 1) * slots >= from_slot and r(who, 1) * slots < to_slot
),

channelled as (
    select
        * replace (
            -- the law of Utah knows no such right
            case
                when place = 'US-UT' and right_type = 'automated_decision' then 'access'
                else right_type
            end as right_type
        ),
        case
            when r(x, 2) < 0.46 then 'web_form' when r(x, 2) < 0.80 then 'email' when r(x, 2) < 0.87 then 'mail'
            when r(x, 2) < 0.93 then 'in_app' when r(x, 2) < 0.98 then 'phone' else 'agent'
        end as channel,
        case
            when region in ('EU', 'UK', 'CH') and received_at < timestamp '2026-01-01' and r(x, 3) < 0.30 then 'legacy_tickets'
            when region in ('EU', 'UK', 'CH') then 'privacy_portal'
            else 'helpdesk'
        end as source,
        case when r(y, 0) < 0.03 then 'processor' else 'controller' end as role,
        case
            when right_type = 'consent_withdrawal' then 12
            when region in ('EU', 'UK', 'CH', 'CA', 'QC', 'SG', 'NONE') then 30 when region = 'BR' then 14 when region = 'AU' then 30
            when right_type in ('opt_out_sale_share', 'limit_sensitive') and place = 'US-CA' then 20
            when right_type in ('opt_out_sale_share', 'limit_sensitive') and place = 'US-CT' then 15
            else 45
        end as term
    from righted
)

select
    *,
    row_number() over (order by received_at, k) as n,
    case source when 'helpdesk' then 'HD-' when 'privacy_portal' then 'PP-' else 'LT-' end
        || (100000 + row_number() over (order by received_at, k)) as request_id,
    -- one letter in twelve asks for two things
    case
        when source <> 'legacy_tickets' and right_type = 'access' and r(y, 1) < 0.13 and region not in ('CA', 'SG', 'AU') then 'erasure'
        when source <> 'legacy_tickets' and right_type = 'erasure' and r(y, 1) < 0.06 and region in ('EU', 'UK') then 'objection'
    end as second_right,
    -- how it went: the summer of 2025, when the web form was new and two people were ill; and everyday lateness
    case
        when right_type in ('access', 'erasure') and received_at >= timestamp '2025-06-20' and received_at < timestamp '2025-08-10'
            and channel in ('web_form', 'email') then 0.20
        when right_type in ('access', 'erasure') and channel = 'web_form' then 0.042
        when right_type in ('access', 'erasure') and channel = 'email' then 0.032
        when right_type = 'opt_out_sale_share' then 0.02
        when right_type in ('access', 'erasure') then 0.010
        when right_type = 'restriction' then 0
        else 0.0008
    end as lateness
from channelled;

create table fates as
with
chosen as (
    select
        letters.*,
        r(y, 2) < case when second_right = 'objection' then 0.0008 else lateness end as is_late,
        case
            when role = 'processor' then 'forwarded'
            when r(z, 0) < 0.020 then 'duplicate' when r(z, 0) < 0.025 then 'not_a_request' when r(z, 0) < 0.028 then 'test'
            when r(z, 0) < 0.040 then 'withdrawn'
            when r(z, 0) < 0.070 then 'denied'
            -- some rights are rarely denied, rather answered in part
            when r(z, 0) < 0.098 then if(right_type in ('portability', 'restriction', 'automated_decision'), 'partially_fulfilled', 'denied')
            when r(z, 0) < 0.131 then 'partially_fulfilled'
            else 'fulfilled'
        end as outcome,
        r(z, 0) < 0.098 and outcome in ('denied', 'partially_fulfilled') as is_resented,
        -- waits for the person
        case
            when right_type in ('opt_out_sale_share', 'limit_sensitive', 'consent_withdrawal') or source = 'legacy_tickets' then 'none'
            when right_type in ('access', 'erasure') and r(z, 1) < 0.006 then 'identity_unanswered'
            when r(z, 1) < case when region = 'US' and place <> 'US-CA' then 0.012 else 0.075 end then 'identity'
            when region in ('EU', 'UK') and right_type = 'access' and r(z, 1) < 0.11 then 'clarification'
            else 'none'
        end as wait,
        1 + floor(3 * r(z, 2))::bigint as asked_after,
        2 + floor(11 * r(z, 3))::bigint as waited,
        -- extensions: notified in time, notified too late, or notified although the law permits none
        case
            when source = 'legacy_tickets' or region not in ('EU', 'UK', 'US') then 'none'
            when right_type not in ('access', 'erasure') then 'none'
            when r(y, 3) < 0.045 then 'in_time' when r(y, 3) < 0.048 then 'too_late' else 'none'
        end as extension,
        h('letter-fate', k) as w
    from letters
),

timed as (
    select
        *,
        case when wait = 'identity' and region in ('EU', 'UK') or wait = 'clarification' then waited else 0 end as given_back,
        case
            -- thirteen were sorted out only when it was too late: the date had passed before they left the population
            when outcome in ('duplicate', 'not_a_request', 'test', 'withdrawn')
                then case when n % 53 = 9 then term * 1.3 + 6 else 1 + 12 * r(w, 0) end
            when extension = 'in_time' then term * (1.05 + 0.65 * r(w, 0))
            when extension = 'too_late' then term * (1.35 + 0.3 * r(w, 0))
            when is_late then term * (1.04 + 0.5 * r(w, 0) * r(w, 1)) + 4
            when right_type in ('opt_out_sale_share', 'limit_sensitive', 'consent_withdrawal') then 0.5 + term * 0.55 * r(w, 0)
            else 1 + term * (0.10 + 0.74 * pow(r(w, 0), 0.8))
        end as handling
    from chosen
)

select
    * exclude (x, y, z, who),
    handling + given_back
        -- in California the clock does not stop for proof of identity; some believe that it does
        + case when place = 'US-CA' and wait = 'identity' and r(w, 2) < 0.10 and not is_late then term * 0.25 + waited else 0 end as days_taken,
    received_at + days(
        handling + given_back
        + case when place = 'US-CA' and wait = 'identity' and r(w, 2) < 0.10 and not is_late then term * 0.25 + waited else 0 end
    ) as closed_at
from timed;

-- Granted: from when on the person's data should have been left alone. The old ticket system has no forwarding: it records granted.
create table granted as
select p, request_id, source, right_type, received_at, closed_at from fates
where (outcome = 'fulfilled' or outcome = 'forwarded' and source = 'legacy_tickets') and closed_at <= last_instant()
    and right_type in ('erasure', 'objection', 'restriction', 'opt_out_sale_share', 'automated_decision')
union all
select p, request_id, source, second_right, received_at, closed_at from fates
where outcome = 'fulfilled' and closed_at <= last_instant() and second_right is not null;

create table quiet as
select people.*, least(coalesce(min(granted.received_at), last_instant()), last_instant()) as quiet_from
from people
left join granted using (p)
group by all;
