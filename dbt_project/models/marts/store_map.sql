with

final_clusters as (

    select * from {{ ref('final_clusters') }}

),

store_attributes as (

    select * from {{ ref('stg_store_attributes') }}

),

joined as (

    select
        final_clusters.store_id,
        final_clusters.category,
        cast(final_clusters.cluster_id as integer) as cluster_id,
        round(final_clusters.map_x, 6) as map_x,
        round(final_clusters.map_y, 6) as map_y,
        store_attributes.latitude,
        store_attributes.longitude
    from final_clusters
    left join store_attributes
        on final_clusters.store_id = store_attributes.store_id

)

select * from joined
order by category, store_id
