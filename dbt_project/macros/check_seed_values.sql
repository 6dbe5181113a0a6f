{# Stops the build where a column of a seed has a value that is not among the known ones. #}
{% macro check_seed_values(seed, column, known, values=none) %}

{% set unknown = run_query(
    'select ' ~ (values or column) ~ ' from ' ~ seed ~ ' except (' ~ known
    ~ ') order by 1 limit 1'
) %}
{% if unknown | length %}
    {% set names = run_query('from (' ~ known ~ ') order by 1').columns[0].values() %}
    {% do raw_input_error(
        'seeds/' ~ seed.identifier ~ '.csv: ' ~ column ~ ' '
        ~ quoted(unknown.rows[0][0]) ~ ' is unknown, expected one of: '
        ~ names | join(', ') ~ '; correct or remove that rule'
    ) %}
{% endif %}

{% endmacro %}
