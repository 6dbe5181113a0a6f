with

sales_rows as (

    select * from {{ ref('int_sales_rows') }}
    where reason is null

),

periods as (

    select * from {{ ref('int_periods') }}

),

summed as (

    select
        sales_rows.store_id,
        sales_rows.sku_id,
        sales_rows.category,
        count(*) as row_count,
        min(sales_rows.sales) as lowest_sales,
        bit_or(periods.period_bits) as period_bits,
        {{ sum_by_half('sales_rows.sales') }}
    from sales_rows
    left join periods
        on
            sales_rows.category = periods.category
            and {{ period_or_whole('sales_rows.period_start') }}
            = periods.period_start
    group by all

)

select
    * exclude (lowest_sales),
    lowest_sales > 0 and bit_count(period_bits) = row_count as is_plain
from summed
