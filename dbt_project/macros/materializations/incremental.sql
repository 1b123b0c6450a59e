{#- A table to which an incremental build adds recomputed rows (../incremental); a full refresh replaces it. -#}
{% materialization incremental, adapter="duckdb" %}
    {%- set target = this.incorporate(type='table') -%}
    {%- do drop_other_type(target) -%}
    {%- set is_kept = load_cached_relation(target) is not none and not should_full_refresh() -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        {{ take_in(target, config.get('unique_key')) if is_kept else replace_table(target) }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
