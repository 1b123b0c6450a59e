-- Which categories the pack did not list: asked once per day and combination of categories.
with
combinations as (select distinct occurred_date, data_categories from {{ ref('int_disclosures__made') }}),

days as (select distinct occurred_date from combinations),

listed as (
    select
        days.occurred_date,
        coalesce(list(register.data_category) filter (where register.data_category is not null), []) as categories,
    from days
    left join {{ source('pack', 'data_categories') }} as register on {{ in_force('register', 'days.occurred_date') }}
    group by days.occurred_date
)

select
    combinations.occurred_date,
    combinations.data_categories,
    coalesce(list_sort(list_distinct(list_filter(
        combinations.data_categories,
        lambda category: not list_contains(listed.categories, category)
    ))), []) as unlisted_categories,
from combinations
inner join listed on combinations.occurred_date = listed.occurred_date
