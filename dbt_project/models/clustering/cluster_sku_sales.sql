with

sales as (

    select * from {{ ref('int_sales_checked') }}
    where reason is null

),

final_clusters as (

    select * from {{ ref('final_clusters') }}

),

merged_clusters as (

    select * from {{ ref('merged_clusters') }}

),

summed as (

    select
        sales.category,
        cast(merged_clusters.internal_cluster as integer) as internal_cluster,
        cast(final_clusters.cluster_id as integer) as cluster_id,
        sales.sku_id,
        sum(sales.sales) as sales
    from sales
    inner join final_clusters
        on
            sales.store_id = final_clusters.store_id
            and sales.category = final_clusters.category
    inner join merged_clusters
        on
            sales.store_id = merged_clusters.store_id
            and sales.category = merged_clusters.category
    group by
        sales.category,
        merged_clusters.internal_cluster,
        final_clusters.cluster_id,
        sales.sku_id

)

select * from summed
