-- One row per request, as it stands in this export -> its receipt, and its end where it has one.
-- A status or a type that is not named here passes through and is quarantined by its name.
-- ? CANCELED means that the person was notified, not whether you refused or they gave up: 'denied' (with a reason) or 'withdrawn'?
with
cases as (
    select
        *,
        "Request ID" as id,
        "Created At" as requested_at,
        case "Request Type"
            when 'ACCESS' then 'access'
            when 'ERASURE' then 'erasure'
            when 'RECTIFICATION' then 'rectification'
            when 'RESTRICTION' then 'restriction'
            when 'SALE_OPT_OUT' then 'opt_out_sale_share'
            when 'AUTOMATED_DECISION_MAKING_OPT_OUT' then 'automated_decision'
            when 'USE_OF_SENSITIVE_INFORMATION_OPT_OUT' then 'limit_sensitive'
            else "Request Type"
        end as requested_right
    from source
),

moments as (
    select *, 'received' as event_type, requested_at as occurred_at, null as reason_code from cases
    union all
    select *, 'excluded', requested_at, 'test' from cases where lower("Is Test Request") = 'true'
    union all
    select *, 'fulfilled', "Successfully Completed At", null from cases
    where "Status" in ('COMPLETED', 'DOWNLOADABLE', 'VIEW_CATEGORIES', 'SECONDARY_COMPLETED')
    union all
    select *, 'denied', _changed_at, 'identity_not_verified' from cases where "Status" = 'FAILED_VERIFICATION'
    union all
    select *, 'excluded', _changed_at, 'duplicate' from cases where "Status" = 'REVOKED'
    union all
    select *, "Status", _changed_at, null from cases
    where "Status" not in (
        'COMPLETED', 'DOWNLOADABLE', 'VIEW_CATEGORIES', 'SECONDARY_COMPLETED', 'FAILED_VERIFICATION', 'REVOKED',
        -- still being worked on:
        'REQUEST_MADE', 'ENRICHING', 'ON_HOLD', 'WAITING', 'COMPILING', 'APPROVING', 'DELAYED', 'SECONDARY', 'SECONDARY_APPROVING'
    )
)

select
    _row,
    id || ':' || event_type || coalesce(':' || reason_code, '') as event_id,
    _changed_at as revision,
    id as request_id,
    requested_right as right_type,
    event_type,
    occurred_at,
    case event_type when 'received' then coalesce(nullif("Email", ''), "Core Identifier") end as subject_ref,
    case when "Email" <> '' then 'email' else 'customer_id' end as subject_ref_type,
    coalesce(nullif("Country Sub Division", ''), "Country") as jurisdiction,
    case "Origin" when 'PRIVACY_CENTER' then 'web_form' when 'ADMIN_DASHBOARD' then null when 'API' then null when 'SHOPIFY' then null
        else "Origin" end as channel,
    reason_code
from moments
