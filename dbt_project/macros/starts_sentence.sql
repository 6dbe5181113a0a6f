{# A text with a capital first letter. #}
{% macro starts_sentence(text) -%}
    upper(left({{ text }}, 1)) || substr({{ text }}, 2)
{%- endmacro %}
