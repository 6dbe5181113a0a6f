{# Standard error of the mean of a figure over stores; null for one store. #}
{% macro standard_error(figure) -%}
    stddev_samp({{ figure }} order by store_id) / sqrt(count(*))
{%- endmacro %}
