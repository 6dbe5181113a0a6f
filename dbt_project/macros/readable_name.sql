{# `MARKET_SALES` as a person writes it: `market sales`. #}
{% macro readable_name(name) -%}
    replace(lower({{ name }}), '_', ' ')
{%- endmacro %}
