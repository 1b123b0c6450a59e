{#- Whether the system of a record set was scanned after the set was deleted, and after a deletion without a time of day on a later
date; null where it was not deleted. `scans` is the row of int_records__scans of its system. -#}
{% macro scanned_after_deletion(records, scans, zone) -%}
case
            when {{ records }}.deleted_at is null then null
            when {{ scans }}.last_seen_date > {{ records }}.deleted_date then true
            else coalesce(
                {{ scans }}.last_seen_at > {{ records }}.deleted_at
                and cast(timezone({{ zone }}, make_timestamptz(epoch_us({{ records }}.deleted_at) - 1)) as date) = {{ records }}.deleted_date,
                false
            )
        end
{%- endmacro %}
