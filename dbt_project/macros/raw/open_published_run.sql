{#
    Shows the marts of the last published run that cluster labels follow, those of
    models/staging/__published.yml, as views in the schema `published`. They have no
    rows where nothing is published yet, or where label_continuity is false.
#}
{% macro open_published_run() %}

{% if execute and flags.WHICH in ['build', 'run', 'test', 'retry'] %}
    {% do run_query('create schema if not exists published') %}
    {% for source in graph.sources.values()
        | selectattr('source_name', 'equalto', 'published') %}
        {% do open_published_mart(source) %}
    {% endfor %}
{% endif %}

{% endmacro %}


{% macro open_published_mart(source) %}

{% set file = env_var('DATA_DIR', '../data') ~ '/published/' ~ source.name ~ '.parquet' %}
{% set view = 'create or replace view published.' ~ source.name ~ ' as ' %}
{% set is_there = run_query('select file from glob(' ~ quoted(file) ~ ')') | length %}
{% if is_there and var('label_continuity') %}
    {% set reader = 'read_parquet(' ~ quoted(file) ~ ')' %}
    {% do check_published_mart(source, file, raw_column_types(reader)) %}
    {% do run_query(view ~ 'from ' ~ reader) %}
{% else %}
    {% do run_query(
        view ~ 'select ' ~ null_columns(source.columns.values()) ~ ' where false'
    ) %}
{% endif %}

{% endmacro %}


{# Every column that is read is there, with the type that it was published with. #}
{% macro check_published_mart(source, file, types) %}

{% for column in source.columns.values() %}
    {% set type = types.get(column.name | upper) %}
    {% if type != column.data_type | upper %}
        {% do raw_input_error(
            file,
            'column ' ~ column.name ~ ' is ' ~ (type or 'missing') ~ ', wanted '
                ~ column.data_type | upper,
            'bring back the file as it was published, or set the var label_continuity'
                ~ ' to false: the clusters are numbered anew then'
        ) %}
    {% endif %}
{% endfor %}

{% endmacro %}
