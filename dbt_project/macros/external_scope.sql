{# The category that a store's external side is clustered in: its own, or all as one. #}
{% macro external_scope(category) -%}
    {%- if var('external_scope') == 'global' -%} 'all categories'
    {%- else -%} {{ category }}
    {%- endif -%}
{%- endmacro %}
