-- What the registers of the pack call their codes, for people who read: the name in force on the local date of as_of, else that of
-- the row that began last. And the titles of one's own dimensions.
{% set registers = {'data_category': 'data_categories', 'purpose_code': 'purposes', 'recipient_id': 'recipients', 'system': 'systems'} %}
with
instants as (select cast(timezone(time_zone, as_of) as date) as as_of_date from {{ source('run', 'run_instants') }}),

names as (
    {%- for dimension, register in registers.items() %}
    select
        '{{ dimension }}' as dimension,
        register.{{ dimension }} as code,
        register.name,
        {{ in_force('register', 'instants.as_of_date') }} as is_in_force,
        coalesce(register.valid_from, date '0001-01-01') as begins_on,
    from {{ source('pack', register) }} as register
    cross join instants
    where register.name is not null
    union all
    {%- endfor %}
    select 'own', dimension, title, true, date '0001-01-01'
    from {{ ref('int_metrics__own_dimensions') }}
)

select
    dimension,
    code,
    max_by(name, (is_in_force, begins_on, name)) as name,
    bool_or(is_in_force) as is_in_force,
from names
group by dimension, code
