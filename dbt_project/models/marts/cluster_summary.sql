with

store_clusters as (

    select * from {{ ref('store_clusters') }}

),

cluster_stability as (

    select * from {{ ref('cluster_stability') }}

),

cluster_names as (

    select * from {{ ref('cluster_names') }}

),

marked as (

    select
        category,
        cluster_id,
        action as status
    from {{ ref('effective_corrections') }}
    where action in ('inactive', 'flagship') and state = 'in force'

),

summed as (

    select
        store_clusters.category,
        store_clusters.cluster_id,
        store_clusters.cluster_name,
        count(*) as store_count,
        sum(store_clusters.sales) as sales,
        count(*) filter (store_clusters.assignment_method = 'fitted') as fitted_count,
        count(*) filter (store_clusters.assignment_method = 'reassigned')
            as reassigned_count,
        count(*) filter (store_clusters.assignment_method = 'inferred')
            as inferred_count,
        count(*) filter (store_clusters.assignment_method = 'override')
            as override_count,
        count(*) filter (store_clusters.is_outlier) as outlier_count,
        round(avg(store_clusters.silhouette order by store_clusters.store_id), 6)
            as silhouette
    from store_clusters
    group by
        store_clusters.category,
        store_clusters.cluster_id,
        store_clusters.cluster_name

),

neighbours as (

    select
        category,
        cluster_id,
        next_best_cluster as nearest_cluster
    from store_clusters
    where next_best_cluster is not null
    group by category, cluster_id, next_best_cluster
    qualify row_number() over (
        partition by category, cluster_id
        order by count(*) desc, next_best_cluster asc
    ) = 1

),

shared as (

    select
        summed.category,
        summed.cluster_id,
        summed.cluster_name,
        cluster_names.name_source,
        coalesce(marked.status, 'active') as status,
        summed.store_count,
        summed.store_count
        / sum(summed.store_count) over (partition by summed.category) as store_share,
        summed.sales,
        cast(summed.sales as double) / nullif(cast(
            sum(summed.sales) over (partition by summed.category) as double
        ), 0) as sales_share,
        cast(summed.sales / summed.store_count as decimal(38, 2)) as sales_per_store,
        summed.fitted_count,
        summed.reassigned_count,
        summed.inferred_count,
        summed.override_count,
        summed.outlier_count,
        summed.silhouette,
        round(cluster_stability.jaccard, 6) as jaccard,
        case
            when count(*) over (partition by summed.category) = 1 then 'one cluster'
            when cluster_stability.jaccard >= 0.85 then 'highly stable'
            when cluster_stability.jaccard >= {{ firm_from() }} then 'stable'
            when cluster_stability.jaccard >= 0.60 then 'a pattern'
            when cluster_stability.jaccard < 0.60 then 'unstable'
            else 'unknown'
        end as stability_band,
        neighbours.nearest_cluster
    from summed
    inner join cluster_stability
        on
            summed.category = cluster_stability.category
            and summed.cluster_id = cluster_stability.cluster_id
    inner join cluster_names
        on
            summed.category = cluster_names.category
            and summed.cluster_id = cluster_names.cluster_id
    left join marked
        on
            summed.category = marked.category
            and summed.cluster_id = marked.cluster_id
    left join neighbours
        on
            summed.category = neighbours.category
            and summed.cluster_id = neighbours.cluster_id

)

select * from shared
order by category, cluster_id
