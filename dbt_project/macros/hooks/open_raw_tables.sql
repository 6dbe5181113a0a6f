{#
    Finds, checks and shows the raw tables of models/staging/__sources.yml, each as a view
    over its files in the schema `raw`: clustering/core/input does it. The first thing
    that is wrong with the input stops the run with one line, before any model.

    Where SEAM_DIR is set, a build goes on from the tables in that folder, shown in the
    schema `seam`, and raw tables have no rows: clustering/core/seam.py does it.
#}
{% macro open_raw_tables() %}
    {{ return(adapter.dispatch('open_raw_tables')()) }}
{% endmacro %}


{% macro default__open_raw_tables() %}

{% if execute and flags.WHICH in ['build', 'run', 'test', 'retry'] %}
    {# it takes no more of the machine than the build may have #}
    {% set found = fromjson(run_query(
        'select raw_views(' ~ quoted(adapter.config.project_root)
        ~ ", current_setting('memory_limit'), current_setting('threads')::varchar"
        ~ ", current_setting('temp_directory'))"
    ).rows[0][0]) %}
    {% if found.problem %}
        {% do raw_input_error(found.problem) %}
    {% endif %}
    {% for note in found.notes %}
        {% do log('Input: ' ~ note, info=true) %}
    {% endfor %}
    {% for schema, views in found.schemas.items() %}
        {% do run_query('create schema if not exists ' ~ schema) %}
        {% for name, query in views.items() %}
            {% do run_query(
                'create or replace view ' ~ schema ~ '.' ~ name ~ ' as ' ~ query
            ) %}
        {% endfor %}
    {% endfor %}
{% endif %}

{% endmacro %}


{# On Spark: over the Parquet files that clustering/core/spark.py has written of them. #}
{% macro spark__open_raw_tables() %}

{% if execute and flags.WHICH in ['build', 'run', 'test', 'retry'] %}
    {% do run_query('create schema if not exists raw') %}
    {% for source in graph.sources.values() if source.source_name == 'raw' %}
        {% do run_query(
            'create or replace view raw.' ~ source.name ~ ' as select * from parquet.`'
            ~ spark_folder('raw') ~ '/' ~ source.name ~ '.parquet`'
        ) %}
    {% endfor %}
{% endif %}

{% endmacro %}
