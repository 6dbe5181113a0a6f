with

paired_clusters as (

    select * from {{ ref('paired_clusters') }}

),

labelled as (

    select
        *,
        internal_cluster || '-' || external_cluster as merged_cluster
    from paired_clusters

),

sized as (

    select
        *,
        count(*) over (partition by category, merged_cluster) as merged_size
    from labelled

)

select
    *,
    merged_size < {{ var('min_cluster_size') }} as is_small
from sized
