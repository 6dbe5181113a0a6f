{# The place of a row among all rows of its table, by files and the order in them. #}
{% macro row_in_files() %}
    {{- return(adapter.dispatch('row_in_files')()) -}}
{% endmacro %}


{% macro default__row_in_files() %}{{ return('row_number() over ()') }}{% endmacro %}


{# Spark reads files in parts, in no order; sales_rows: last is refused before. #}
{% macro spark__row_in_files() %}{{ return('cast(null as bigint)') }}{% endmacro %}
