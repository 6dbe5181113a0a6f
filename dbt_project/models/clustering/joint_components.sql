with

merged_clusters as (

    select * from {{ ref('merged_clusters') }}

),

internal_prepared as (

    select * from {{ ref('internal_prepared') }}

),

external_prepared as (

    select * from {{ ref('external_prepared') }}

),

joined as (

    select
        merged_clusters.store_id,
        merged_clusters.category,
        merged_clusters.internal_cluster,
        merged_clusters.external_cluster,
        merged_clusters.merged_cluster,
        merged_clusters.split_value,
        internal_prepared.components as internal_components,
        external_prepared.components as external_components
    from merged_clusters
    inner join internal_prepared
        on
            merged_clusters.store_id = internal_prepared.store_id
            and merged_clusters.category = internal_prepared.category
    inner join external_prepared
        on
            merged_clusters.store_id = external_prepared.store_id
            and {{ external_scope('merged_clusters.category') }}
            = external_prepared.category

)

select * from joined
