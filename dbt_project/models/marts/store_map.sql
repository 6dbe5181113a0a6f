with

rebalanced_clusters as (

    select * from {{ ref('rebalanced_clusters') }}

),

store_attributes as (

    select * from {{ ref('stg_store_attributes') }}

),

joined as (

    select
        rebalanced_clusters.store_id,
        rebalanced_clusters.category,
        cast(rebalanced_clusters.cluster_id as integer) as cluster_id,
        round(rebalanced_clusters.map_x, 6) as map_x,
        round(rebalanced_clusters.map_y, 6) as map_y,
        store_attributes.latitude,
        store_attributes.longitude
    from rebalanced_clusters
    left join store_attributes
        on rebalanced_clusters.store_id = store_attributes.store_id

)

select * from joined
order by category, store_id
