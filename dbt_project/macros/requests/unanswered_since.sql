{#-
The instant from which a request is unanswered whose period ends at `limit` (not included): from the limit on, or, where it had been
answered by then, from the reopening that followed; null where it was answered and stayed so. `turns` and `closed_at` are those
of int_requests__deadlines.
-#}
{% macro unanswered_since(limit, turns='turns', closed_at='closed_at') -%}
{%- set answers = event_numbers(event_types('requests', 'answer')) -%}
case
        when coalesce(
            {{ moment_event_number('list_max(list_filter(' ~ turns ~ ', lambda m: ' ~ moment_event_number('m') ~ ' in '
                ~ event_numbers(event_types('requests', 'answer') + ['reopened']) ~ ' and m < ' ~ moment_of(limit) ~ '))') }}
                in {{ answers }},
            {{ closed_at }} < {{ limit }},
            false
        )
            then {{ moment_instant('list_min(list_filter(' ~ turns ~ ', lambda m: ' ~ moment_event_number('m') ~ ' = '
                ~ event_number('reopened') ~ ' and m >= ' ~ moment_of(limit) ~ '))') }}
        else {{ limit }}
    end
{%- endmacro %}
