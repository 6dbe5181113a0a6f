{# Stops the build at a split rule that names what the input does not have. #}
{% macro check_split_rules(rules, categories, external_values) %}

{% if execute and flags.WHICH in ['build', 'run', 'retry'] %}
    {% do check_split_rule(
        rules, 'category', "select '*' union select category from " ~ categories
    ) %}
    {% do check_split_rule(
        rules, 'feature', 'select distinct feature from ' ~ external_values
    ) %}
{% endif %}

{% endmacro %}


{# Every value of one column of the rules is among the known ones. #}
{% macro check_split_rule(rules, column, known) %}

{% set unknown = run_query(
    'select ' ~ column ~ ' from ' ~ rules ~ ' except (' ~ known
    ~ ') order by 1 limit 1'
) %}
{% if unknown | length %}
    {% set names = run_query('from (' ~ known ~ ') order by 1').columns[0].values() %}
    {% do raw_input_error(
        'seeds/split_rules.csv',
        column ~ ' ' ~ quoted(unknown.rows[0][0]) ~ ' is unknown, expected one of: '
            ~ names | join(', '),
        'correct or remove that rule'
    ) %}
{% endif %}

{% endmacro %}
