{#
    `'A', 'B'` for a SQL in (..); an empty list holds '', which no value is. What is no
    list at all gets as far as this while dbt parses: check_settings has words for it.
#}
{% macro text_list(texts) -%}
    {%- set literals = [] -%}
    {%- for text in (texts if texts is iterable else []) -%}
        {%- do literals.append(quoted(text)) -%}
    {%- endfor -%}
    {{ literals | join(', ') or "''" }}
{%- endmacro %}
