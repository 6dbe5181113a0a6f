with

paired_clusters as (

    select * exclude (input_fingerprint, is_kept)
    from {{ ref('paired_clusters') }}

),

store_split_values as (

    select * from {{ ref('store_split_values') }}

),

labelled as (

    select
        paired_clusters.*,
        store_split_values.split_value,
        paired_clusters.internal_cluster
        || '-' || paired_clusters.external_cluster
        || coalesce('-' || store_split_values.split_value, '') as merged_cluster
    from paired_clusters
    left join store_split_values
        on
            paired_clusters.store_id = store_split_values.store_id
            and paired_clusters.category = store_split_values.category

),

sized as (

    select
        *,
        count(*) over (partition by category) as category_size,
        count(*) over (partition by category, merged_cluster) as merged_size
    from labelled

)

select
    * exclude (category_size),
    merged_size < {{ cluster_size_floor('category_size') }} as is_small
from sized
