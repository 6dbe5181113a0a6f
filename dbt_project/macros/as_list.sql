{# A list that a Python model wrote; where it wrote no rows, the type is unknown. #}
{% macro as_list(column, type) -%}
    cast(to_json({{ column }}) as {{ type }}[])
{%- endmacro %}
