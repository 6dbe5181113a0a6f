with

sales as (

    select * from {{ ref('int_sales_checked') }}
    where reason is null

)

select
    store_id,
    category,
    sku_id,
    coalesce(earlier_sales, 0) as earlier_sales,
    coalesce(later_sales, 0) as later_sales
from sales
where earlier_sales is not null or later_sales is not null
