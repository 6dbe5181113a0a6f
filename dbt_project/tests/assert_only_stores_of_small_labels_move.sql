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

rebalanced_clusters as (

    select * from {{ ref('rebalanced_clusters') }}

)

select
    merged_clusters.store_id,
    merged_clusters.category,
    merged_clusters.merged_cluster,
    merged_clusters.merged_size
from merged_clusters
inner join rebalanced_clusters
    on
        merged_clusters.store_id = rebalanced_clusters.store_id
        and merged_clusters.category = rebalanced_clusters.category
where
    rebalanced_clusters.is_reassigned
    and merged_clusters.merged_size
    >= {{ cluster_size_floor('merged_clusters.category_size') }}
