{#-
One row per occurred_date of `events`, with the data categories that the register lists on that day, and the categories of an event
that are not among them. Null where the pack has no register of categories.

    listed_categories as ({{ listed_categories('collections') }})
    ... {{ unlisted_among('collections.data_categories', 'listed_categories.categories') }} as unlisted_categories
-#}
{% macro listed_categories(events) -%}
select
        days.occurred_date,
        case
            when registers.is_there
                then coalesce(list(register.data_category) filter (where register.data_category is not null), [])
        end as categories,
    from (select distinct occurred_date from {{ events }}) as days
    cross join (
        select bool_or(present) as is_there
        from {{ source('pack', 'registers') }}
        where register = 'data_categories'
    ) as registers
    left join {{ source('pack', 'data_categories') }} as register on {{ in_force('register', 'days.occurred_date') }}
    group by days.occurred_date, registers.is_there
{%- endmacro %}

{#- Each once, in order. -#}
{% macro unlisted_among(categories, listed) -%}
case
            when {{ listed }} is not null then coalesce(list_sort(list_distinct(list_filter(
                {{ categories }},
                lambda category: not list_contains({{ listed }}, category)
            ))), [])
        end
{%- endmacro %}
