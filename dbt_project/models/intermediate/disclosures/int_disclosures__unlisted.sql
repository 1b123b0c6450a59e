-- Which categories the pack did not list: asked once per day and combination of categories.
with
combinations as (select distinct occurred_date, data_categories from {{ ref('int_disclosures__occurred') }}),

listed as (
    {{ listed_categories('combinations') }}
)

select
    combinations.occurred_date,
    combinations.data_categories,
    {{ unlisted_among('combinations.data_categories', 'listed.categories') }} as unlisted_categories,
from combinations
inner join listed on combinations.occurred_date = listed.occurred_date
