{#
    Stops the run with one line at the first invalid setting, as the schema in
    clustering/core/settings.py says: before every command that has hooks. Takes the vars
    from the configuration itself: dbt ignores an unknown one.
#}
{% macro check_settings() %}

{% if execute and has_plugins() %}
    {% set declared = adapter.config.vars.vars[adapter.config.project_name] %}
    {% set problem = run_query(
        'select settings_problem(' ~ quoted(toyaml(declared)) ~ ', '
        ~ quoted(toyaml(adapter.config.cli_vars)) ~ ')'
    ).rows[0][0] %}
    {% if problem %}
        {% do exceptions.raise_compiler_error('Settings error: ' ~ problem) %}
    {% endif %}
{% endif %}

{% endmacro %}
