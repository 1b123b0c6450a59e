-- The data categories that the register does not list, once per day and combination of categories.
with
combinations as (select distinct occurred_date, data_categories from {{ ref('int_disclosures__occurred') }}),

listed_categories as (
    {{ listed_categories('combinations') }}
)

select
    combinations.occurred_date,
    combinations.data_categories,
    {{ unlisted_among('combinations.data_categories', 'listed_categories.categories') }} as unlisted_categories,
from combinations
inner join listed_categories on combinations.occurred_date = listed_categories.occurred_date
