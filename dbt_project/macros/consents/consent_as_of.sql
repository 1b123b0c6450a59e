{#-
Whether a person's consent to a purpose was active at the instant of an event: a join with int_consents__active, whose intervals
of a person and purpose do not overlap (an as-of join costs more: it sorts both sides), and the condition on its result. `events`
names a relation with person_key, purpose_code and occurred_at:

    from disclosures as events
    {{ consent_as_of('events', 'consents') }}
    ... {{ had_consent('events', 'consents') }} as ok_consent
-#}
{% macro consent_as_of(events, consents) -%}
left join {{ ref('int_consents__active') }} as {{ consents }}
        on
            {{ events }}.person_key = {{ consents }}.person_key
            and {{ events }}.purpose_code = {{ consents }}.purpose_code
            and {{ events }}.occurred_at >= {{ consents }}.valid_from
            and {{ events }}.occurred_at < coalesce({{ consents }}.valid_to, timestamptz 'infinity')
{%- endmacro %}

{#- Never null: nothing found is no consent. -#}
{% macro had_consent(events, consents) -%}
{{ consents }}.valid_from is not null
{%- endmacro %}
