{# Rows of either side that the other one has not, compared by `except` or `except all`. #}
{% macro unmatched(model, to, columns, comparison) %}

{% set keys = columns | join(', ') %}
(
    select {{ keys }} from {{ model }}
    {{ comparison }}
    select {{ keys }} from {{ to }}
)
union all
(
    select {{ keys }} from {{ to }}
    {{ comparison }}
    select {{ keys }} from {{ model }}
)

{% endmacro %}
