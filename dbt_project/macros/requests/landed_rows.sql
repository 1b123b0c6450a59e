{#-
A landed row is one HUGEINT that holds an event's moment and where it landed: batch (24 bits) and row (40 bits). Gathering
eight million of them is five times cheaper than gathering structures, and sorting them sorts the events. `b-0007` is batch
7: a batch is called after its line in the ledger.
-#}
{% macro landed_row(moment, batch_id, row_number) -%}
(cast({{ moment }} as hugeint) * 18446744073709551616
    + cast(substr({{ batch_id }}, 3) as hugeint) * 1099511627776
    + {{ row_number }})
{%- endmacro %}

{#- The same, readable and in order of occurrence, with those that moved nothing (lists, or null) and why. Of sources and
batch_ids the place n + 1 is about batch n. -#}
{% macro landed_rows_in_order(landed_rows, conflicting, before_receipt, sources, batch_ids) -%}
{%- set moment = 'cast(r >> 64 as bigint)' -%}
{%- set place = 'cast((r >> 40) & 16777215 as integer) + 1' -%}
list_transform(list_sort(flatten([{{ landed_rows }}, {{ conflicting }}, {{ before_receipt }}])), lambda r: struct_pack(
    event_type := {{ moment_event_type(moment) }},
    occurred_at := {{ moment_instant(moment) }},
    source := {{ sources }}[{{ place }}],
    batch_id := {{ batch_ids }}[{{ place }}],
    row_number := cast(r & 1099511627775 as bigint),
    verdict := case
        when list_contains({{ conflicting }}, r) then 'conflict'
        when list_contains({{ before_receipt }}, r) then 'before_receipt'
        else 'counts'
    end
))
{%- endmacro %}
