with

final_changes as (

    select * from {{ ref('final_changes') }}

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
        final_changes.category,
        cast(final_changes.cluster_id as integer) as cluster_id,
        coalesce(cluster_names.cluster_name, previous_names.cluster_name)
            as cluster_name,
        final_changes.change,
        cast(final_changes.previous_cluster_id as integer) as previous_cluster_id,
        previous_names.cluster_name as previous_cluster_name,
        cast(final_changes.merged_into as integer) as merged_into,
        final_changes.stores_before,
        final_changes.stores_now,
        final_changes.shared_stores,
        final_changes.kept_stores,
        round(final_changes.retention, 6) as retention
    from final_changes
    left join cluster_names
        on
            final_changes.category = cluster_names.category
            and final_changes.cluster_id = cluster_names.cluster_id
    left join previous_names
        on
            final_changes.category = previous_names.category
            and final_changes.previous_cluster_id = previous_names.cluster_id

)

select * from named
order by category, cluster_id
