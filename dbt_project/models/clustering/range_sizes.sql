with

store_sku_sales as (

    select * from {{ ref('store_sku_sales') }}
    where earlier_sales > 0

),

carried as (

    select
        store_id,
        category,
        count(*) as sku_count
    from store_sku_sales
    group by store_id, category

),

halfway as (

    select
        category,
        quantile_disc(sku_count, 0.5) as range_skus
    from carried
    group by category

)

select * from halfway
