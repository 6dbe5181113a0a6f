{# Puts values (SQL) in the place of their placeholders in a text. #}
{% macro fill_in(text, values) -%}
    {%- set filled = namespace(text=text) -%}
    {%- for placeholder, value in values.items() -%}
        {%- set filled.text = 'replace(' ~ filled.text ~ ', ' ~ quoted(placeholder)
            ~ ', ' ~ value ~ ')' -%}
    {%- endfor -%}
    {{ filled.text }}
{%- endmacro %}
