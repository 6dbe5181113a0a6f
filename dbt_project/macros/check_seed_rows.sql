{#
    Stops the build at the first row of a seed that is wrong: `problems` is a query of
    seed_line, problem and remedy, first to last.
#}
{% macro check_seed_rows(seed, problems) %}

{% set found = run_query(problems ~ ' limit 1') %}
{% if found | length %}
    {% set line, problem, remedy = found.rows[0].values() %}
    {% do raw_input_error(
        'seeds/' ~ seed.identifier ~ '.csv: line ' ~ line, problem, remedy
    ) %}
{% endif %}

{% endmacro %}
