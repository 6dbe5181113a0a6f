with

previous_clusters as (

    select * from {{ ref('previous_clusters') }}

),

store_clusters as (

    select * from {{ ref('store_clusters') }}

),

run_fingerprint as (

    select * from {{ ref('run_fingerprint') }}

),

compared as (

    select
        coalesce(store_clusters.store_id, previous_clusters.store_id) as store_id,
        coalesce(store_clusters.category, previous_clusters.category) as category,
        cast(previous_clusters.cluster_id as integer) as previous_cluster_id,
        cast(previous_clusters.matched_cluster as integer)
            as previous_uncorrected_cluster,
        store_clusters.cluster_id,
        previous_clusters.cluster_name as previous_cluster_name,
        store_clusters.cluster_name,
        case
            when previous_clusters.cluster_id is null then 'joined'
            when store_clusters.cluster_id is null then 'left'
            when store_clusters.cluster_id = previous_clusters.cluster_id then 'stayed'
            else 'moved'
        end as movement,
        previous_clusters.run_id as previous_run_id
    from store_clusters
    full outer join previous_clusters
        on
            store_clusters.store_id = previous_clusters.store_id
            and store_clusters.category = previous_clusters.category

),

stamped as (

    select
        compared.*,
        run_fingerprint.run_id
    from compared
    cross join run_fingerprint

)

select * from stamped
order by category, store_id
