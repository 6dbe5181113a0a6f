{# DuckDB holds in memory what it groups, whatever its limit: so little at a time. #}
{%- set passes = 16 if target.name == 'memory_optimized' else 1 -%}
with

sales_rows as (

    select * from {{ ref('int_sales_rows') }}
    where reason is null

),

periods as (

    select * from {{ ref('int_periods') }}

),

summed as (

    {% for number in range(passes) %}
        select
            sales_rows.store_id,
            sales_rows.sku_id,
            sales_rows.category,
            count(*) as row_count,
            min(sales_rows.sales) as lowest_sales,
            {{ bits_of_periods('periods') }} as period_bits,
            {{ sum_by_half('sales_rows.sales') }}
        from sales_rows
        left join periods
            on
                sales_rows.category = periods.category
                and {{ period_or_whole('sales_rows.period_start') }}
                = periods.period_start
        {% if passes > 1 -%}
            where hash(sales_rows.store_id) % {{ passes }} = {{ number }}
        {%- endif %}
        group by all
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    * {{ exclude() }} (lowest_sales),
    lowest_sales > 0 and {{ count_periods('period_bits') }} = row_count as is_plain
from summed
