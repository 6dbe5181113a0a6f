{#
    Whether a Python model may keep rows of its table: where there is one, and nobody
    asked for --full-refresh. dbt's own macro says so of incremental models alone. Ours
    are tables, replaced in each build by all of their rows, kept and new.
#}
{% macro is_incremental() %}
    {{ return(
        execute
        and load_cached_relation(this) is not none
        and not should_full_refresh()
    ) }}
{% endmacro %}
