{#
    Finds, checks and shows the raw tables of models/staging/__sources.yml, each as a view
    over its files in the schema `raw`: clustering/core/input does it. The first thing
    that is wrong with the input stops the run with one line, before any model.
#}
{% macro open_raw_tables() %}

{% if execute and flags.WHICH in ['build', 'run', 'test', 'retry', 'run-operation'] %}
    {% set settings = {
        'excluded_categories': var('excluded_categories'),
        'excluded_external_columns': var('excluded_external_columns'),
    } %}
    {# no more of the machine than the build may have #}
    {% set limits = run_query(
        "select current_setting('memory_limit'), current_setting('threads'),"
        ~ " current_setting('temp_directory')"
    ).rows[0] %}
    {% set config = {
        'memory_limit': limits[0],
        'threads': limits[1] | string,
        'temp_directory': limits[2],
    } %}
    {% set found = fromjson(run_query(
        'select raw_views(' ~ quoted(adapter.config.project_root) ~ ', '
        ~ quoted(tojson(settings)) ~ ', ' ~ quoted(tojson(config)) ~ ')'
    ).rows[0][0]) %}
    {% if found.problem %}
        {% do raw_input_error(found.problem) %}
    {% endif %}
    {% do run_query('create schema if not exists raw') %}
    {% for name, query in found.views.items() %}
        {% do run_query('create or replace view raw.' ~ name ~ ' as ' ~ query) %}
    {% endfor %}
{% endif %}

{% endmacro %}
