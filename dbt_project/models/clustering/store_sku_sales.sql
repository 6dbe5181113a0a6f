with

sales as (

    select * from {{ ref('int_sales_checked') }}
    where reason is null

),

demand_periods as (

    select * from {{ ref('demand_periods') }}

),

summed as (

    select
        sales.store_id,
        sales.category,
        sales.sku_id,
        sum(
            case
                when sales.period_start < demand_periods.measured_from
                    then sales.sales
                else 0
            end
        ) as earlier_sales,
        sum(
            case
                when sales.period_start >= demand_periods.measured_from
                    then sales.sales
                else 0
            end
        ) as later_sales
    from sales
    inner join demand_periods
        on sales.category = demand_periods.category
    where
        sales.period_start is not null
        and demand_periods.measured_from is not null
    group by sales.store_id, sales.category, sales.sku_id

)

select * from summed
