with

rebalanced_clusters as (

    select * exclude (input_fingerprint, is_kept)
    from {{ ref('rebalanced_clusters') }}

),

cluster_labels as (

    select
        category,
        cluster_number,
        cluster_id
    from {{ ref('cluster_labels') }}
    where cluster_number is not null

),

renumbered as (

    select
        rebalanced_clusters.* replace (
            own_label.cluster_id as cluster_id,
            next_label.cluster_id as next_best_cluster
        )
    from rebalanced_clusters
    inner join cluster_labels as own_label
        on
            rebalanced_clusters.category = own_label.category
            and rebalanced_clusters.cluster_id = own_label.cluster_number
    left join cluster_labels as next_label
        on
            rebalanced_clusters.category = next_label.category
            and rebalanced_clusters.next_best_cluster = next_label.cluster_number

)

select * from renumbered
