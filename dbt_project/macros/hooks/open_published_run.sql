{#
    Shows the marts of the live version that cluster labels follow, those of
    models/staging/__published.yml, as views in the schema `published`:
    clustering/store/plugin.py says how. They have no rows where nothing is published
    yet, or where label_continuity is false.

    Where refit_when is never, the fitted tables of that version are shown, too, in the
    schema `live_fit`: clustering/store/fit.py.
#}
{% macro open_published_run() %}

{% if execute and has_plugins() and flags.WHICH in ['build', 'run', 'test', 'retry'] %}
    {% set texts = [
        adapter.config.project_root,
        env_var('DATA_DIR', '../data') ~ '/published',
        tojson(var('label_continuity')),
    ] %}
    {% set found = fromjson(run_query(
        'select published_views(' ~ text_list(texts) ~ ')'
    ).rows[0][0]) %}
    {% if found.problem %}
        {% do raw_input_error(found.problem) %}
    {% endif %}
    {% do run_query('create schema if not exists published') %}
    {% for name, query in found.views.items() %}
        {% do run_query('create or replace view published.' ~ name ~ ' as ' ~ query) %}
    {% endfor %}
    {% if var('refit_when') == 'never' %}
        {{ open_live_fit(texts[1]) }}
    {% endif %}
{% endif %}

{% endmacro %}


{% macro open_live_fit(published) %}

{% set found = fromjson(run_query(
    'select fit_views(' ~ quoted(published) ~ ', settings())'
).rows[0][0]) %}
{% if found.problem %}
    {% do exceptions.raise_compiler_error('Settings error: ' ~ found.problem) %}
{% endif %}
{% do run_query('create schema if not exists live_fit') %}
{% for name, query in found.views.items() %}
    {% do run_query('create or replace view live_fit.' ~ name ~ ' as ' ~ query) %}
{% endfor %}

{% endmacro %}
