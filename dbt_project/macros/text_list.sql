{# `'A', 'B'` for a SQL in (..); an empty list holds '', which no value is. #}
{% macro text_list(texts) -%}
    {%- set literals = [] -%}
    {%- for text in texts -%}{%- do literals.append(quoted(text)) -%}{%- endfor -%}
    {{ literals | join(', ') or "''" }}
{%- endmacro %}
