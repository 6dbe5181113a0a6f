with

store_clusters as (

    select * from {{ ref('store_clusters') }}

),

k_selection as (

    select * from {{ ref('k_selection') }}
    where is_chosen

),

cluster_stability as (

    select * from {{ ref('cluster_stability') }}

),

sized as (

    select
        category,
        cluster_id,
        count(*) as store_count
    from store_clusters
    group by category, cluster_id

),

cluster_sizes as (

    select
        category,
        count(*) as cluster_count,
        min(store_count) as smallest_cluster,
        max(store_count) as largest_cluster
    from sized
    group by category

),

store_counts as (

    select
        category,
        count(*) as store_count,
        count(*) filter (assignment_method = 'inferred') as inferred_count,
        count(*) filter (assignment_method = 'reassigned') as reassigned_count,
        count(*) filter (assignment_method = 'override') as override_count,
        count(*) filter (is_outlier) as outlier_count,
        count(distinct merged_cluster) as merged_cluster_count,
        round(avg(silhouette order by store_id), 6) as silhouette
    from store_clusters
    group by category

),

retained as (

    select
        category,
        round(sum(kept_stores) / nullif(sum(shared_stores), 0), 6) as retention
    from {{ ref('final_changes') }}
    group by category

),

found_again as (

    select
        category,
        count(*) filter (jaccard >= 0.6) as stable_cluster_count
    from cluster_stability
    group by category

),

-- the finest split of either side that is no accident
finest as (

    select
        category,
        max(k) filter (is_stable or k = 1) as finest_stable_k,
        max(k) as finest_k
    from {{ ref('k_selection') }}
    group by category

),

joined as (

    select
        store_counts.category,
        store_counts.store_count,
        store_counts.inferred_count,
        store_counts.reassigned_count,
        store_counts.override_count,
        store_counts.outlier_count,
        internal_selection.k as internal_k,
        internal_selection.silhouette as internal_silhouette,
        external_selection.k as external_k,
        external_selection.silhouette as external_silhouette,
        store_counts.merged_cluster_count,
        cluster_sizes.cluster_count,
        cluster_sizes.smallest_cluster,
        cluster_sizes.largest_cluster,
        store_counts.silhouette,
        found_again.stable_cluster_count,
        cast(finest.finest_stable_k as integer) as finest_stable_k,
        finest.finest_k,
        retained.retention
    from store_counts
    inner join found_again
        on store_counts.category = found_again.category
    inner join finest
        on store_counts.category = finest.category
    inner join retained
        on store_counts.category = retained.category
    inner join cluster_sizes
        on store_counts.category = cluster_sizes.category
    inner join k_selection as internal_selection
        on
            store_counts.category = internal_selection.category
            and internal_selection.side = 'internal'
    inner join k_selection as external_selection
        on
            store_counts.category = external_selection.category
            and external_selection.side = 'external'

),

judged as (

    select
        * exclude (finest_k, retention),
        {{ verdict() }} as verdict,
        retention
    from joined

)

select * from judged
order by category
