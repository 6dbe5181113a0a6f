with

internal_clusters as (

    select * from {{ ref('internal_clusters') }}

),

external_clusters as (

    select * from {{ ref('external_clusters') }}

),

paired as (

    select
        internal_clusters.store_id,
        internal_clusters.category,
        internal_clusters.cluster as internal_cluster,
        external_clusters.cluster as external_cluster,
        internal_clusters.is_fitted,
        internal_clusters.is_outlier or external_clusters.is_outlier as is_outlier
    from internal_clusters
    inner join external_clusters
        on
            internal_clusters.store_id = external_clusters.store_id
            and internal_clusters.category = external_clusters.category

),

pairs as (

    select
        category,
        internal_cluster,
        external_cluster,
        count(*) as store_count
    from paired
    where internal_cluster is not null and external_cluster is not null
    group by category, internal_cluster, external_cluster

),

-- a store known on one side only goes where its peers on that side mostly are
internal_peers as (

    select
        category,
        external_cluster,
        internal_cluster
    from pairs
    qualify row_number() over (
        partition by category, external_cluster
        order by store_count desc, internal_cluster asc
    ) = 1

),

external_peers as (

    select
        category,
        internal_cluster,
        external_cluster
    from pairs
    qualify row_number() over (
        partition by category, internal_cluster
        order by store_count desc, external_cluster asc
    ) = 1

),

-- a store known on neither side goes to the largest cluster, which is number 1
completed as (

    select
        paired.store_id,
        paired.category,
        coalesce(paired.internal_cluster, internal_peers.internal_cluster, 1)
            as internal_cluster,
        coalesce(paired.external_cluster, external_peers.external_cluster, 1)
            as external_cluster,
        paired.is_fitted,
        paired.is_outlier
    from paired
    left join internal_peers
        on
            paired.category = internal_peers.category
            and paired.external_cluster = internal_peers.external_cluster
    left join external_peers
        on
            paired.category = external_peers.category
            and paired.internal_cluster = external_peers.internal_cluster

)

select * from completed
