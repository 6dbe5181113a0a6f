{# Sums of an amount: whole, and by the halves of int_periods, null where a half has none. #}
{% macro sum_by_half(amount) -%}
    sum({{ amount }}) as sales,
    sum(case when periods.is_odd then {{ amount }} end) as odd_sales,
    sum(case when not periods.is_later then {{ amount }} end) as earlier_sales,
    sum(case when periods.is_later then {{ amount }} end) as later_sales
{%- endmacro %}
