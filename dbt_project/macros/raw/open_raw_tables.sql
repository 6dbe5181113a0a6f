{#
    Finds, checks and shows the raw tables of models/staging/__sources.yml.

    Runs before every command that reads the warehouse, and in check_input. Each table becomes a view
    over its files, in the schema `raw`. The first thing that is wrong with the
    input stops the run with one line (what, where, value found, value wanted, what
    to do), before any model is touched.
#}
{% macro open_raw_tables() %}

{% if execute and flags.WHICH in ['build', 'run', 'test', 'retry', 'run-operation'] %}
    {% set tables = {} %}
    {% do run_query('create schema if not exists raw') %}
    {% for source in graph.sources.values()
        | selectattr('source_name', 'equalto', 'raw') %}
        {% set files = find_raw_files(source) %}
        {% do open_raw_table(source, files) %}
        {% do tables.update({source.name: files.where if files else none}) %}
    {% endfor %}
    {% do check_tables_together(tables) %}
{% endif %}

{% endmacro %}


{% macro open_raw_table(source, files) %}

{% set view = 'raw.' ~ source.name %}
{% set columns = source.columns.values() %}
{% if not files %}
    {# An optional table that is absent: a view of its columns, without rows. #}
    {% do run_query(
        'create or replace view ' ~ view ~ ' as select ' ~ null_columns(columns)
        ~ ' where false'
    ) %}
{% else %}
    {% set reader = raw_reader(source, files) %}
    {% set types = raw_column_types(reader) %}
    {% do check_columns(source, files, types) %}
    {% set absent = columns | rejectattr('name', 'in', types.keys() | list) | list %}
    {% do run_query(
        'create or replace view ' ~ view ~ ' as select *'
        ~ (', ' ~ null_columns(absent) if absent else '') ~ ' from ' ~ reader
    ) %}
    {% do check_values(source, files, types) %}
{% endif %}

{% endmacro %}


{# `null::date as PERIOD_START, ..`: optional columns that the file does not have. #}
{% macro null_columns(columns) %}
    {% set nulls = [] %}
    {% for column in columns %}
        {% do nulls.append('null::' ~ column.data_type ~ ' as ' ~ column.name) %}
    {% endfor %}
    {{ return(nulls | join(', ')) }}
{% endmacro %}
