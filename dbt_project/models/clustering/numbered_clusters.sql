with

rebalanced_clusters as (

    select * exclude (input_fingerprint, is_kept)
    from {{ ref('rebalanced_clusters') }}

),

cluster_labels as (

    select
        category,
        raw_cluster,
        matched_cluster
    from {{ ref('cluster_labels') }}
    where raw_cluster is not null

),

renumbered as (

    select
        rebalanced_clusters.* replace (
            next_label.matched_cluster as next_best_cluster
        ),
        own_label.matched_cluster
    from rebalanced_clusters
    inner join cluster_labels as own_label
        on
            rebalanced_clusters.category = own_label.category
            and rebalanced_clusters.raw_cluster = own_label.raw_cluster
    left join cluster_labels as next_label
        on
            rebalanced_clusters.category = next_label.category
            and rebalanced_clusters.next_best_cluster = next_label.raw_cluster

)

select * from renumbered
