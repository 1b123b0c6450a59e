-- The data categories beyond what the register allows, once per row of the register and combination of categories, so that no
-- disclosure is unnested.
with
disclosures as (select recipient_id, occurred_date, data_categories from {{ ref('int_disclosures__occurred') }}),

recipients as (select * from {{ ref('int_disclosures__recipients') }}),

register as (select line, allowed_categories from {{ source('pack', 'recipients') }}),

combinations as (
    select distinct recipients.register_line, disclosures.data_categories
    from disclosures
    inner join recipients on disclosures.recipient_id = recipients.recipient_id and disclosures.occurred_date = recipients.occurred_date
    where recipients.register_line is not null
)

select
    combinations.register_line,
    combinations.data_categories,
    coalesce(list_sort(list_distinct(list_filter(
        combinations.data_categories,
        lambda category: not list_contains(coalesce(register.allowed_categories, []), category)
    ))), []) as forbidden_categories,
from combinations
inner join register on combinations.register_line = register.line
