-- A draft of the records of processing activities, GDPR Art. 30(1): per purpose the entries of the pack and the evidence of
-- the logs, with the names of the parts that neither contains.
{% set never_recorded = ['controller_contact', 'categories_of_data_subjects', 'security_measures'] %}
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

safe_countries as (select unnest(adequate_countries) as country from {{ source('pack', 'settings') }}),

uses as (select * from {{ ref('int_purposes__uses') }}),

acts as (select * from uses where log = 'processing'),

disclosures as (select * from uses where log = 'disclosures'),

records as (select * from uses where log = 'retention'),

collections as (select * from uses where log = 'collections'),

all_purposes as (
    select purpose_code from purposes
    union
    select purpose_code from acts
    union
    select purpose_code from disclosures
    union
    select purpose_code from records
    union
    select purpose_code from collections
),

categories as (
    select purpose_code, unnest(data_categories) as data_category from acts
    union
    select purpose_code, unnest(data_categories) as data_category from disclosures
    union
    select purpose_code, unnest(data_categories) as data_category from collections
    union
    select purpose_code, data_category from records
    union
    select purpose_code, data_category from schedule where purpose_code is not null
),

sensitive_categories as (
    select distinct categories.data_category
    from {{ source('pack', 'data_categories') }} as categories
    cross join instants
    where categories.sensitive and {{ in_force('categories', 'instants.as_of_date') }}
),

categories_by_purpose as (
    select
        categories.purpose_code,
        list(categories.data_category order by categories.data_category) as data_categories,
        list(categories.data_category order by categories.data_category) filter (sensitive_categories.data_category is not null) as sensitive_categories,
    from categories
    left join sensitive_categories on categories.data_category = sensitive_categories.data_category
    group by categories.purpose_code
),

-- Who may receive the data by the register, and who did.
possible_recipients as (
    select unnest(allowed_purposes) as purpose_code, recipient_id from recipients
    union
    select purpose_code, recipient_id from disclosures
),

recipients_by_purpose as (
    select
        possible_recipients.purpose_code,
        list(possible_recipients.recipient_id order by possible_recipients.recipient_id) as recipients,
        list(coalesce(recipients.recipient_kind, 'not_in_register') order by possible_recipients.recipient_id) as recipient_kinds,
    from possible_recipients
    left join recipients on possible_recipients.recipient_id = recipients.recipient_id
    group by possible_recipients.purpose_code
),

-- Where the data go, with what makes it safe: the mechanism of the agreement, or that the pack holds the law there adequate.
destinations as (
    select purpose_code, destination_country as country, transfer_mechanism from disclosures
    union
    select unnest(recipients.allowed_purposes) as purpose_code, recipients.country, agreements.transfer_mechanism
    from recipients
    left join agreements on recipients.recipient_id = agreements.recipient_id
),

transfers as (
    select distinct
        destinations.purpose_code,
        destinations.country,
        case when safe_countries.country is not null then 'adequate' else destinations.transfer_mechanism end as safeguard,
    from destinations
    cross join instants
    left join safe_countries on destinations.country = safe_countries.country
    where destinations.country is distinct from instants.country and destinations.country is not null
),

transfers_by_purpose as (
    select
        purpose_code,
        list(country || ': ' || coalesce(safeguard, 'none named') order by country, safeguard) as transfers,
        bool_and(safeguard is not null) as all_safe,
    from transfers
    group by purpose_code
),

-- A row of the schedule without a purpose holds for every purpose with that category.
limits as (
    select categories.purpose_code, categories.data_category, schedule.jurisdiction, schedule.max_period
    from categories
    inner join schedule
        on
            categories.data_category = schedule.data_category
            and (schedule.purpose_code is null or schedule.purpose_code = categories.purpose_code)
),

limits_by_purpose as (
    select
        purpose_code,
        list(distinct data_category || coalesce(' in ' || jurisdiction, '') || ': ' || coalesce(max_period, 'no limit')) as limits,
        count(distinct data_category) filter (max_period is not null) as limited_categories,
    from limits
    group by purpose_code
),

bases_by_purpose as (
    select purpose_code, list(distinct legal_basis) as legal_bases
    from acts
    group by purpose_code
),

purpose_systems as (
    select purpose_code, unnest(systems) as system from purposes
    union
    select purpose_code, system from acts
    union
    select purpose_code, system from records
),

systems_by_purpose as (
    select purpose_code, list(system order by system) as systems from purpose_systems where system is not null group by purpose_code
),

purposes_with_evidence as (
    select
        all_purposes.purpose_code,
        purposes.name,
        purposes.purpose_code is not null as is_declared,
        purposes.consent_required,
        coalesce(categories_by_purpose.data_categories, []) as data_categories,
        coalesce(categories_by_purpose.sensitive_categories, []) as sensitive_categories,
        coalesce(recipients_by_purpose.recipients, []) as recipients,
        coalesce(recipients_by_purpose.recipient_kinds, []) as recipient_kinds,
        coalesce(transfers_by_purpose.transfers, []) as transfers,
        coalesce(transfers_by_purpose.all_safe, true) as transfers_are_safe,
        list_sort(coalesce(limits_by_purpose.limits, [])) as erasure_limits,
        coalesce(limits_by_purpose.limited_categories, 0) as limited_categories,
        list_sort(coalesce(bases_by_purpose.legal_bases, [])) as legal_bases,
        coalesce(systems_by_purpose.systems, []) as systems,
    from all_purposes
    left join purposes on all_purposes.purpose_code = purposes.purpose_code
    left join categories_by_purpose on all_purposes.purpose_code = categories_by_purpose.purpose_code
    left join recipients_by_purpose on all_purposes.purpose_code = recipients_by_purpose.purpose_code
    left join transfers_by_purpose on all_purposes.purpose_code = transfers_by_purpose.purpose_code
    left join limits_by_purpose on all_purposes.purpose_code = limits_by_purpose.purpose_code
    left join bases_by_purpose on all_purposes.purpose_code = bases_by_purpose.purpose_code
    left join systems_by_purpose on all_purposes.purpose_code = systems_by_purpose.purpose_code
)

select
    instants.organisation as controller,
    purposes_with_evidence.purpose_code,
    purposes_with_evidence.name as purpose,
    purposes_with_evidence.is_declared,
    purposes_with_evidence.consent_required,
    purposes_with_evidence.data_categories,
    purposes_with_evidence.sensitive_categories,
    purposes_with_evidence.recipients,
    purposes_with_evidence.recipient_kinds,
    purposes_with_evidence.transfers,
    purposes_with_evidence.erasure_limits,
    purposes_with_evidence.legal_bases,
    purposes_with_evidence.systems,
    list_concat(
        {{ text_list(never_recorded) }},
        list_filter(
            [
                if(not purposes_with_evidence.is_declared, 'purpose_in_pack', null),
                if(purposes_with_evidence.name is null, 'description_of_purpose', null),
                if(len(purposes_with_evidence.data_categories) = 0, 'data_categories', null),
                if(len(purposes_with_evidence.recipients) = 0, 'recipients', null),
                if(not purposes_with_evidence.transfers_are_safe, 'transfer_safeguards', null),
                if(purposes_with_evidence.limited_categories < len(purposes_with_evidence.data_categories) or len(purposes_with_evidence.data_categories) = 0, 'erasure_limits', null),
            ],
            lambda name: name is not null
        )
    ) as missing,
    -- Neither the pack nor a log contains these: they are always missing.
    true as is_draft,
    instants.as_of,
from purposes_with_evidence
cross join instants
