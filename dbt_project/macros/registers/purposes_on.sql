{#-
What the pack says of each purpose on each day on which events name it, looked up once for the two and not for each event:
is_declared (null where the pack has no register of purposes) and consent_required.

    declared as ({{ purposes_on('collected') }})
-#}
{% macro purposes_on(events, day='occurred_date') -%}
select
        asked.{{ day }},
        asked.purpose_code,
        case when registers.has_purposes then register.purpose_code is not null end as is_declared,
        coalesce(register.consent_required, false) as consent_required,
    from (select distinct {{ day }}, purpose_code from {{ events }}) as asked
    cross join (
        select bool_or(present) as has_purposes
        from {{ source('pack', 'registers') }}
        where register = 'purposes'
    ) as registers
    left join {{ source('pack', 'purposes') }} as register
        on asked.purpose_code = register.purpose_code and {{ in_force('register', 'asked.' ~ day) }}
{%- endmacro %}
