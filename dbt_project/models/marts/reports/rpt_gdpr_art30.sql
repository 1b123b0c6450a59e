-- A draft of the records of processing activities, GDPR Art. 30(1): per purpose what the pack declares and what the logs show
-- beside it, and the names of what the article asks for and neither tells.
{% set never_told = ['controller_contact', 'categories_of_data_subjects', 'security_measures'] %}
with
instants as (
    select as_of, organisation, country, cast(timezone(time_zone, as_of) as date) as as_of_date from {{ source('run', 'run_instants') }}
),

purposes as (
    select purposes.purpose_code, purposes.name, purposes.consent_required, purposes.systems
    from {{ source('pack', 'purposes') }} as purposes
    cross join instants
    where {{ in_force('purposes', 'instants.as_of_date') }}
),

recipients as (
    select recipients.*
    from {{ source('pack', 'recipients') }} as recipients
    cross join instants
    where {{ in_force('recipients', 'instants.as_of_date') }}
),

agreements as (
    select agreements.recipient_id, min(agreements.transfer_mechanism) as transfer_mechanism
    from {{ source('pack', 'agreements') }} as agreements
    cross join instants
    where {{ in_force('agreements', 'instants.as_of_date') }}
    group by agreements.recipient_id
),

schedule as (
    select schedule.*
    from {{ source('pack', 'retention_schedule') }} as schedule
    cross join instants
    where {{ in_force('schedule', 'instants.as_of_date') }}
),

adequate as (select unnest(adequate_countries) as country from {{ source('pack', 'settings') }}),

-- Of each log only what differs: a few rows, however long the log.
acts as (select distinct purpose_code, system, legal_basis, data_categories from {{ ref('fct_processing') }}),

shared as (
    select distinct purpose_code, recipient_id, destination_country, transfer_mechanism, data_categories
    from {{ ref('fct_disclosures') }}
),

kept as (select distinct purpose_code, system, data_category from {{ ref('fct_records') }}),

collected as (select distinct purpose_code, data_categories from {{ ref('fct_collections') }}),

all_purposes as (
    select purpose_code from purposes
    union
    select purpose_code from acts
    union
    select purpose_code from shared
    union
    select purpose_code from kept
    union
    select purpose_code from collected
),

categories as (
    select purpose_code, unnest(data_categories) as data_category from acts
    union
    select purpose_code, unnest(data_categories) as data_category from shared
    union
    select purpose_code, unnest(data_categories) as data_category from collected
    union
    select purpose_code, data_category from kept
    union
    select purpose_code, data_category from schedule where purpose_code is not null
),

sensitive as (
    select distinct categories.data_category
    from {{ source('pack', 'data_categories') }} as categories
    cross join instants
    where categories.sensitive and {{ in_force('categories', 'instants.as_of_date') }}
),

categories_told as (
    select
        categories.purpose_code,
        list(categories.data_category order by categories.data_category) as data_categories,
        list(categories.data_category order by categories.data_category) filter (sensitive.data_category is not null) as sensitive_categories,
    from categories
    left join sensitive on categories.data_category = sensitive.data_category
    group by categories.purpose_code
),

-- Who may receive the data by the register, and who did.
receiving as (
    select unnest(allowed_purposes) as purpose_code, recipient_id from recipients
    union
    select purpose_code, recipient_id from shared
),

recipients_told as (
    select
        receiving.purpose_code,
        list(receiving.recipient_id order by receiving.recipient_id) as recipients,
        list(coalesce(recipients.recipient_kind, 'not_in_register') order by receiving.recipient_id) as recipient_kinds,
    from receiving
    left join recipients on receiving.recipient_id = recipients.recipient_id
    group by receiving.purpose_code
),

-- Where the data go, with what makes it safe: the mechanism of the agreement, or that the pack holds the law there adequate.
leaving as (
    select purpose_code, destination_country as country, transfer_mechanism from shared
    union
    select unnest(recipients.allowed_purposes) as purpose_code, recipients.country, agreements.transfer_mechanism
    from recipients
    left join agreements on recipients.recipient_id = agreements.recipient_id
),

transfers as (
    select distinct
        leaving.purpose_code,
        leaving.country,
        case when adequate.country is not null then 'adequate' else leaving.transfer_mechanism end as safeguard,
    from leaving
    cross join instants
    left join adequate on leaving.country = adequate.country
    where leaving.country is distinct from instants.country and leaving.country is not null
),

transfers_told as (
    select
        purpose_code,
        list(country || ': ' || coalesce(safeguard, 'none named') order by country, safeguard) as transfers,
        bool_and(safeguard is not null) as all_safe,
    from transfers
    group by purpose_code
),

-- A row of the schedule without a purpose holds for every purpose with that category.
limited as (
    select categories.purpose_code, categories.data_category, schedule.jurisdiction, schedule.max_period
    from categories
    inner join schedule
        on
            categories.data_category = schedule.data_category
            and (schedule.purpose_code is null or schedule.purpose_code = categories.purpose_code)
),

limits_told as (
    select
        purpose_code,
        list(distinct data_category || coalesce(' in ' || jurisdiction, '') || ': ' || coalesce(max_period, 'no limit')) as limits,
        count(distinct data_category) filter (max_period is not null) as limited_categories,
    from limited
    group by purpose_code
),

bases_told as (
    select purpose_code, list(distinct legal_basis) as legal_bases
    from acts
    group by purpose_code
),

running as (
    select purpose_code, unnest(systems) as system from purposes
    union
    select purpose_code, system from acts
    union
    select purpose_code, system from kept
),

systems_told as (
    select purpose_code, list(system order by system) as systems from running where system is not null group by purpose_code
),

told as (
    select
        all_purposes.purpose_code,
        purposes.name,
        purposes.purpose_code is not null as is_declared,
        purposes.consent_required,
        coalesce(categories_told.data_categories, []) as data_categories,
        coalesce(categories_told.sensitive_categories, []) as sensitive_categories,
        coalesce(recipients_told.recipients, []) as recipients,
        coalesce(recipients_told.recipient_kinds, []) as recipient_kinds,
        coalesce(transfers_told.transfers, []) as transfers,
        coalesce(transfers_told.all_safe, true) as transfers_are_safe,
        list_sort(coalesce(limits_told.limits, [])) as erasure_limits,
        coalesce(limits_told.limited_categories, 0) as limited_categories,
        list_sort(coalesce(bases_told.legal_bases, [])) as legal_bases,
        coalesce(systems_told.systems, []) as systems,
    from all_purposes
    left join purposes on all_purposes.purpose_code = purposes.purpose_code
    left join categories_told on all_purposes.purpose_code = categories_told.purpose_code
    left join recipients_told on all_purposes.purpose_code = recipients_told.purpose_code
    left join transfers_told on all_purposes.purpose_code = transfers_told.purpose_code
    left join limits_told on all_purposes.purpose_code = limits_told.purpose_code
    left join bases_told on all_purposes.purpose_code = bases_told.purpose_code
    left join systems_told on all_purposes.purpose_code = systems_told.purpose_code
)

select
    instants.organisation as controller,
    told.purpose_code,
    told.name as purpose,
    told.is_declared,
    told.consent_required,
    told.data_categories,
    told.sensitive_categories,
    told.recipients,
    told.recipient_kinds,
    told.transfers,
    told.erasure_limits,
    told.legal_bases,
    told.systems,
    list_concat(
        {{ text_list(never_told) }},
        list_filter(
            [
                if(not told.is_declared, 'purpose_in_pack', null),
                if(told.name is null, 'description_of_purpose', null),
                if(len(told.data_categories) = 0, 'data_categories', null),
                if(len(told.recipients) = 0, 'recipients', null),
                if(not told.transfers_are_safe, 'transfer_safeguards', null),
                if(told.limited_categories < len(told.data_categories) or len(told.data_categories) = 0, 'erasure_limits', null),
            ],
            lambda name: name is not null
        )
    ) as missing,
    -- What no pack and no log can tell is always missing.
    true as is_draft,
    instants.as_of,
from told
cross join instants
