with

merged_clusters as (

    select * from {{ ref('merged_clusters') }}

),

paired_sides as (

    select * from {{ ref('paired_sides') }}

),

joined as (

    select
        merged_clusters.store_id,
        merged_clusters.category,
        merged_clusters.internal_cluster,
        merged_clusters.external_cluster,
        merged_clusters.merged_cluster,
        merged_clusters.split_value,
        paired_sides.internal_components,
        paired_sides.external_components
    from merged_clusters
    inner join paired_sides
        on
            merged_clusters.store_id = paired_sides.store_id
            and merged_clusters.category = paired_sides.category

)

select * from joined
