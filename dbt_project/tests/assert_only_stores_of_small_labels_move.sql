with

merged_clusters as (

    select
        store_id,
        category,
        merged_cluster,
        count(*) over (partition by category) as category_size,
        count(*) over (partition by category, merged_cluster) as merged_size
    from {{ ref('merged_clusters') }}

),

finished_clusters as (

    select * from {{ ref('finished_clusters') }}

)

select
    merged_clusters.store_id,
    merged_clusters.category,
    merged_clusters.merged_cluster,
    merged_clusters.merged_size
from merged_clusters
inner join finished_clusters
    on
        merged_clusters.store_id = finished_clusters.store_id
        and merged_clusters.category = finished_clusters.category
where
    finished_clusters.is_reassigned
    and merged_clusters.merged_size
    >= {{ cluster_size_floor('merged_clusters.category_size') }}
