{# Agreement with subsamples, 0 to 1, from which clusters are firm (Hennig 2007). #}
{% macro firm_from() -%} 0.75 {%- endmacro %}
