{# Sums of an amount: whole, and by the halves of int_periods, null where a half has none. #}
{% macro sum_by_half(amount) -%}
    cast(sum({{ amount }}) as decimal(38, 4)) as sales,
    cast(
        sum(case when periods.is_odd then {{ amount }} end) as decimal(38, 4)
    ) as odd_sales,
    cast(
        sum(case when not periods.is_later then {{ amount }} end) as decimal(38, 4)
    ) as earlier_sales,
    cast(
        sum(case when periods.is_later then {{ amount }} end) as decimal(38, 4)
    ) as later_sales
{%- endmacro %}
