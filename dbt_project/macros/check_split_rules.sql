{# Stops the build at a split rule that names what the input does not have. #}
{% macro check_split_rules(rules, categories, external_values) %}

{% if execute and flags.WHICH in ['build', 'run', 'retry'] %}
    {% do check_seed_values(
        rules, 'category', "select '*' union select category from " ~ categories
    ) %}
    {% do check_seed_values(
        rules, 'feature', 'select distinct feature from ' ~ external_values
    ) %}
{% endif %}

{% endmacro %}
