{#
    Stops the run with one line at the first invalid row of a seed, as
    clustering/core/seeds says. What a seed says of the input, models look at.
#}
{% macro check_seeds() %}

{% if execute and has_plugins() and flags.WHICH in ['build', 'run', 'seed', 'retry'] %}
    {% set problem = run_query(
        'select seeds_problem(' ~ quoted(adapter.config.project_root) ~ ')'
    ).rows[0][0] %}
    {% if problem %}
        {% do raw_input_error(problem) %}
    {% endif %}
{% endif %}

{% endmacro %}
