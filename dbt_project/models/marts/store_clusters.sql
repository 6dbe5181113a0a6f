with

final_clusters as (

    select * from {{ ref('final_clusters') }}

),

numbered_clusters as (

    select * from {{ ref('numbered_clusters') }}

),

cluster_names as (

    select * from {{ ref('cluster_names') }}

),

eligibility as (

    select * from {{ ref('store_eligibility') }}

),

volume_bands as (

    select * from {{ ref('store_volume_bands') }}

),

run_fingerprint as (

    select * from {{ ref('run_fingerprint') }}

),

joined as (

    select
        final_clusters.store_id,
        final_clusters.category,
        cast(numbered_clusters.internal_cluster as integer) as internal_cluster,
        cast(numbered_clusters.external_cluster as integer) as external_cluster,
        numbered_clusters.merged_cluster,
        cast(final_clusters.cluster_id as integer) as cluster_id,
        cluster_names.cluster_name,
        cast(final_clusters.matched_cluster as integer) as uncorrected_cluster,
        case
            when final_clusters.is_override then 'override'
            when not numbered_clusters.is_fitted then 'inferred'
            when final_clusters.is_reassigned then 'reassigned'
            else 'fitted'
        end as assignment_method,
        round(numbered_clusters.probability, 6) as assignment_probability,
        numbered_clusters.is_outlier,
        round(final_clusters.silhouette, 6) as silhouette,
        round(final_clusters.distance_to_centroid, 6) as distance_to_centroid,
        cast(final_clusters.next_best_cluster as integer) as next_best_cluster,
        round(final_clusters.next_best_distance, 6) as next_best_distance,
        cast(eligibility.sales as decimal(38, 4)) as sales,
        volume_bands.volume_band,
        run_fingerprint.run_id
    from final_clusters
    inner join numbered_clusters
        on
            final_clusters.store_id = numbered_clusters.store_id
            and final_clusters.category = numbered_clusters.category
    inner join cluster_names
        on
            final_clusters.category = cluster_names.category
            and final_clusters.cluster_id = cluster_names.cluster_id
    inner join eligibility
        on
            final_clusters.store_id = eligibility.store_id
            and final_clusters.category = eligibility.category
    inner join volume_bands
        on
            final_clusters.store_id = volume_bands.store_id
            and final_clusters.category = volume_bands.category
    cross join run_fingerprint

)

select * from joined
order by category, store_id
