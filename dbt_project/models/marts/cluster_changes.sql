with

cluster_labels as (

    select * from {{ ref('cluster_labels') }}

),

cluster_names as (

    select * from {{ ref('cluster_names') }}

),

previous_names as (

    select distinct
        category,
        cluster_id,
        cluster_name
    from {{ ref('previous_clusters') }}

),

named as (

    select
        cluster_labels.category,
        cast(cluster_labels.cluster_id as integer) as cluster_id,
        coalesce(cluster_names.cluster_name, previous_names.cluster_name)
            as cluster_name,
        cluster_labels.change,
        cast(cluster_labels.previous_cluster_id as integer) as previous_cluster_id,
        previous_names.cluster_name as previous_cluster_name,
        cast(cluster_labels.merged_into as integer) as merged_into,
        cluster_labels.stores_before,
        cluster_labels.stores_now,
        cluster_labels.shared_stores,
        cluster_labels.kept_stores,
        round(cluster_labels.retention, 6) as retention
    from cluster_labels
    left join cluster_names
        on
            cluster_labels.category = cluster_names.category
            and cluster_labels.cluster_id = cluster_names.cluster_id
    left join previous_names
        on
            cluster_labels.category = previous_names.category
            and cluster_labels.previous_cluster_id = previous_names.cluster_id

)

select * from named
order by category, cluster_id
