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

{#- The landed rows of each request that `landed` holds, readable and in order of occurrence, with those that moved nothing and why.
Batches are joined: DuckDB would copy a list of them for each row. -#}
{% macro provenances(landed, conflicting, before_receipt) -%}
{%- set moment = 'cast(landed_rows.landed_row >> 64 as bigint)' -%}
select
        landed_rows.request_key,
        list(struct_pack(
            event_type := {{ moment_event_type(moment) }},
            occurred_at := {{ moment_instant(moment) }},
            source := batches.source,
            batch_id := batches.batch_id,
            row_number := cast(landed_rows.landed_row & 1099511627775 as bigint),
            verdict := landed_rows.verdict
        ) order by landed_rows.landed_row) as provenance,
    from (
        select request_key, unnest(landed_rows) as landed_row, 'counts' as verdict
        from {{ landed }}
        union all
        select request_key, unnest(landed_rows) as landed_row, 'conflict' as verdict
        from {{ conflicting }}
        union all
        select request_key, unnest(landed_rows) as landed_row, 'before_receipt' as verdict
        from {{ before_receipt }}
    ) as landed_rows
    semi join {{ landed }} as landed on landed_rows.request_key = landed.request_key
    left join {{ ref('stg_batches') }} as batches on cast((landed_rows.landed_row >> 40) & 16777215 as integer) = batches.seq
    group by landed_rows.request_key
{%- endmacro %}
