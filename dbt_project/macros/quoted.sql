{# A SQL string literal. #}
{% macro quoted(text) %}
    {{ return("'" ~ (text | string | replace("'", "''")) ~ "'") }}
{% endmacro %}
