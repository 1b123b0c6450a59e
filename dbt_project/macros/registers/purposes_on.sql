{#-
One row per (day, purpose) of `events`, with the entry of the register of purposes: is_declared (null where the pack has no such
register) and consent_required. Looked up once per day and purpose instead of once per event.

    declared_purposes as ({{ purposes_on('collections') }})
-#}
{% macro purposes_on(events, day='occurred_date') -%}
select
        event_purposes.{{ day }},
        event_purposes.purpose_code,
        case when registers.has_purposes then register.purpose_code is not null end as is_declared,
        coalesce(register.consent_required, false) as consent_required,
    from (select distinct {{ day }}, purpose_code from {{ events }}) as event_purposes
    cross join (
        select bool_or(present) as has_purposes
        from {{ source('pack', 'registers') }}
        where register = 'purposes'
    ) as registers
    left join {{ source('pack', 'purposes') }} as register
        on event_purposes.purpose_code = register.purpose_code and {{ in_force('register', 'event_purposes.' ~ day) }}
{%- endmacro %}
