{# Contracts are written in the types of DuckDB; these are what Spark calls them. #}
{% macro spark__get_empty_schema_sql(columns) %}

{% set types = {'varchar': 'string', 'bit': 'string', 'integer': 'int'} %}
{% set nulls = [] %}
{% for column in columns.values() %}
    {% set type = types.get(column.data_type, column.data_type) %}
    {% do nulls.append('cast(null as ' ~ type ~ ') as ' ~ column.name) %}
{% endfor %}
select {{ nulls | join(', ') }}

{% endmacro %}
