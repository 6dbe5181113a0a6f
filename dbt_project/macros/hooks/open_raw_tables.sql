{#
    Finds, checks and shows the raw tables of models/staging/__sources.yml, each as a view
    over its files in the schema `raw`: clustering/core/input does it. The first thing
    that is wrong with the input stops the run with one line, before any model.
#}
{% macro open_raw_tables() %}

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
    {% do run_query('create schema if not exists raw') %}
    {% for name, query in found.views.items() %}
        {% do run_query('create or replace view raw.' ~ name ~ ' as ' ~ query) %}
    {% endfor %}
{% endif %}

{% endmacro %}
