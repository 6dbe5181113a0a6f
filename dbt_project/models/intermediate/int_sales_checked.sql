with

sku_sales as (

    select * from {{ ref('int_sku_sales') }}
    where is_plain

),

sales_by_period as (

    select * from {{ ref('int_sales_by_period') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

used as (

    select
        sales_by_period.store_id,
        sales_by_period.sku_id,
        sales_by_period.category,
        sum(sales_by_period.used_rows) as row_count,
        {{ bits_of_periods('periods') }} as period_bits,
        sum(greatest(sales_by_period.used_sales, 0)) as sales_before_returns,
        {{ sum_by_half('sales_by_period.used_sales') }}
    from sales_by_period
    -- a period of returns alone is none
    left join periods
        on
            sales_by_period.category = periods.category
            and sales_by_period.used_sales > 0
            and {{ period_or_whole('sales_by_period.period_start') }}
            = periods.period_start
    where sales_by_period.used_rows > 0
    group by all

),

-- what is returned in other periods is taken from all periods alike
netted as (

    select
        used.* {{ exclude() }} (odd_sales, earlier_sales, later_sales),
    {% for half in ['odd_sales', 'earlier_sales', 'later_sales'] %}
        case
            when used.sales = used.sales_before_returns then used.{{ half }}
            else {{ to_decimal(
                    'cast(used.' ~ half ~ ' as double)'
                    ~ ' * cast(used.sales as double)'
                    ~ ' / cast(used.sales_before_returns as double)', 38, 4
                ) }}
        end as {{ half }}{{ ',' if not loop.last }}
    {% endfor %}
    from used

),

unused as (

    select
        store_id,
        sku_id,
        category,
        reason,
        sum(row_count - used_rows) as row_count,
        sum(total_sales - used_sales) as sales
    from sales_by_period
    where reason is not null
    group by all

),

united as (

    select
        store_id,
        sku_id,
        category,
        null as reason,
        row_count,
        period_bits,
        sales,
        odd_sales,
        earlier_sales,
        later_sales
    from sku_sales
    union all
    select
        store_id,
        sku_id,
        category,
        null as reason,
        row_count,
        period_bits,
        sales,
        odd_sales,
        earlier_sales,
        later_sales
    from netted
    union all
    select
        store_id,
        sku_id,
        category,
        reason,
        row_count,
        null as period_bits,
        sales,
        null as odd_sales,
        null as earlier_sales,
        null as later_sales
    from unused

)

select
    store_id,
    sku_id,
    category,
    reason,
    cast(row_count as bigint) as row_count,
    period_bits,
    cast(sales as decimal(38, 4)) as sales,
    odd_sales,
    earlier_sales,
    later_sales
from united
