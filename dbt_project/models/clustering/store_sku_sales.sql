with

sales as (

    select * from {{ ref('int_sales_checked') }}
    where
        reason is null
        and (earlier_sales is not null or later_sales is not null)

),

halved as (

    select
        category,
        min(period_start) filter (where is_later) as measured_from
    from {{ ref('int_periods') }}
    group by category

)

select
    sales.store_id,
    sales.category,
    sales.sku_id,
    halved.measured_from,
    coalesce(sales.earlier_sales, 0) as earlier_sales,
    coalesce(sales.later_sales, 0) as later_sales,
    dense_rank() over (
        partition by sales.category
        order by sales.sku_id
    ) as sku_number
from sales
inner join halved
    on sales.category = halved.category
