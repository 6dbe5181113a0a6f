{# The period; sales without one are those of one period, the whole of the input. #}
{% macro period_or_whole(period_start) -%}
    coalesce({{ period_start }}, date '1970-01-01')
{%- endmacro %}
