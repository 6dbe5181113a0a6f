with

sales as (

    select * from {{ ref('int_sales_checked') }}
    where reason is null and period_start is not null

),

periods as (

    select
        category,
        list_sort(list(distinct period_start)) as periods
    from sales
    group by category

),

halved as (

    select
        category,
        periods[len(periods) // 2 + 1] as measured_from
    from periods
    where len(periods) > 1

),

summed as (

    select
        sales.store_id,
        sales.category,
        sales.sku_id,
        halved.measured_from,
        coalesce(
            sum(sales.sales) filter (sales.period_start < halved.measured_from), 0
        ) as earlier_sales,
        coalesce(
            sum(sales.sales) filter (sales.period_start >= halved.measured_from), 0
        ) as later_sales
    from sales
    inner join halved
        on sales.category = halved.category
    group by sales.store_id, sales.category, sales.sku_id, halved.measured_from

)

select
    *,
    dense_rank() over (partition by category order by sku_id) as sku_number
from summed
