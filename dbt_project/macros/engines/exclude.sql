{# What follows `*` where columns are left out. #}
{% macro exclude() %}
    {{- return(adapter.dispatch('exclude')()) -}}
{% endmacro %}


{% macro default__exclude() %}{{ return('exclude') }}{% endmacro %}


{% macro spark__exclude() %}{{ return('except') }}{% endmacro %}
