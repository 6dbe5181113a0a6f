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
    {% set types = column_types(reader) %}
    {% do check_published_mart(source, file, types) %}
    {% do run_query(view ~ 'select ' ~ published_columns(source, types) ~ ' from ' ~ reader) %}
{% else %}
    {% do run_query(
        view ~ 'select ' ~ null_columns(source.columns.values()) ~ ' where false'
    ) %}
{% endif %}

{% endmacro %}


{# The columns that are read; in runs from before one was there, an older one stands in. #}
{% macro published_columns(source, types) %}

{% set columns = [] %}
{% for column in source.columns.values() %}
    {% set older = column.config.meta.get('where_missing') %}
    {% do columns.append(
        older ~ ' as ' ~ column.name
        if older and column.name | upper not in types else column.name
    ) %}
{% endfor %}
{{ return(columns | join(', ')) }}

{% endmacro %}


{# Every column that is read is there, with the type that it was published with. #}
{% macro check_published_mart(source, file, types) %}

{% for column in source.columns.values() %}
    {% set type = types.get(column.name | upper) %}
    {% set is_younger = not type and column.config.meta.get('where_missing') %}
    {% if type != column.data_type | upper and not is_younger %}
        {% do raw_input_error(
            file ~ ': column ' ~ column.name ~ ' is ' ~ (type or 'missing')
            ~ ', wanted ' ~ column.data_type | upper
            ~ '; bring back the file as it was published, or set the var'
            ~ ' label_continuity to false: the clusters are numbered anew then'
        ) %}
    {% endif %}
{% endfor %}

{% endmacro %}


{# {COLUMN NAME: data type} of what the reader reads; names in any case will do. #}
{% macro column_types(reader) %}
    {% set types = {} %}
    {% for row in run_query('describe select * from ' ~ reader) %}
        {% do types.update({row['column_name'] | upper: row['column_type']}) %}
    {% endfor %}
    {{ return(types) }}
{% endmacro %}


{# `null::date as PERIOD_START, ..` #}
{% macro null_columns(columns) %}
    {% set nulls = [] %}
    {% for column in columns %}
        {% do nulls.append('null::' ~ column.data_type ~ ' as ' ~ column.name) %}
    {% endfor %}
    {{ return(nulls | join(', ')) }}
{% endmacro %}
