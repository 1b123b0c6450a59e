{#-
Consent lasts as long as the pack promised on the day on which it was given; a later pack row does not shorten it. `purposes` is
int_consents__purposes, joined to decisions by consented_under; null where the pack names no number of days.
-#}
{% macro consented_under(decisions, purposes) -%}
{{ decisions }}.is_consent
            and {{ decisions }}.purpose_code = {{ purposes }}.purpose_code
            and {{ decisions }}.occurred_at >= {{ purposes }}.in_force_from
            and {{ decisions }}.occurred_at < {{ purposes }}.in_force_until
{%- endmacro %}

{% macro consent_lapses_at(decisions, purposes) -%}
{{ hours_after(decisions ~ '.occurred_at', purposes ~ '.consent_valid_days * 24') }}
{%- endmacro %}
