{# Stops the build at a recommendation rule that could never be followed. #}
{% macro check_recommendation_rules(rules) %}

{% if execute and flags.WHICH in ['build', 'run', 'retry'] %}
    {% set known = {
        'area': ['assortment', 'space', 'pricing', 'marketing', 'trust'],
        'measure': [
            'need_state_index', 'need_state_points', 'external_difference',
            'sales_index', 'sales_share', 'store_share', 'inferred_share',
            'outlier_share', 'stability'
        ],
        'comparison': ['at_least', 'at_most', 'above', 'below'],
        'placeholder': ['{feature}', '{here}', '{average}', '{nearest}'],
    } %}
    {% set placeholders = "unnest(regexp_extract_all(recommendation, '[{][^}]*[}]?'))" %}
    {% for column, names in known.items() %}
        {% do check_seed_values(
            rules, column, 'select unnest([' ~ text_list(names) ~ '])',
            values=placeholders if column == 'placeholder' else column
        ) %}
    {% endfor %}
{% endif %}

{% endmacro %}
