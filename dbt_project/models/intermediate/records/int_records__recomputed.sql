-- The record sets that an incremental build recomputes, as int_records__scheduled has them. Empty in a full refresh, which reads all of
-- them there.
{% set changed_timelines %}
(
        select timelines.*
        from {{ ref('int_records__timeline') }} as timelines
        semi join {{ ref('int_record_states__changed') }} as changed using (record_key)
        {% if is_full_refresh() %}where false{% endif %}
    )
{% endset %}
{{ scheduled_records(changed_timelines) }}
