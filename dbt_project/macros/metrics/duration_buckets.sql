{#- The bucket of each duration. In the order of durations a bucket begins where one that has not ended follows one that has, and with
every further hour or day in which any ended: in each bucket those that have not ended are the shortest, and what ended did so within
an hour or a day. `relation` has the column has_ended; `amount`: its column of durations; `partition`: numbers are those of each value
of this column. -#}
{% macro duration_buckets(relation, amount, partition=none) -%}
{%- set in_order = ('partition by ' ~ partition ~ ' ' if partition else '') ~ 'order by ' ~ amount ~ ', not has_ended' -%}
{%- set keys = ([partition] if partition else []) + [amount, 'has_ended'] -%}
select {{ keys | join(', ') }}, sum(begins::bigint) over ({{ in_order }} rows unbounded preceding)::bigint as bucket
    from (
        select
            *,
            coalesce(
                lag(has_ended) over ({{ in_order }}) and (not has_ended or floor(lag({{ amount }}) over ({{ in_order }})) < floor({{ amount }})),
                true
            ) as begins
        from (select distinct {{ keys | join(', ') }} from {{ relation }})
    )
{%- endmacro %}
