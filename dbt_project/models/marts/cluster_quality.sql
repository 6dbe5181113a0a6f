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
        count(*) as store_count,
        sum(sales) as sales
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

firm as (

    select
        sized.category,
        count(*) filter (cluster_stability.jaccard >= {{ firm_from() }})
            as stable_cluster_count,
        coalesce(sum(sized.store_count) filter (
            cluster_stability.jaccard >= {{ firm_from() }}
        ), 0) / sum(sized.store_count) as firm_store_share,
        cast(coalesce(sum(sized.sales) filter (
            cluster_stability.jaccard >= {{ firm_from() }}
        ), 0) as double) / nullif(cast(sum(sized.sales) as double), 0)
            as firm_sales_share
    from sized
    inner join cluster_stability
        on
            sized.category = cluster_stability.category
            and sized.cluster_id = cluster_stability.cluster_id
    group by sized.category

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
        firm.stable_cluster_count,
        round(firm.firm_store_share, 6) as firm_store_share,
        round(firm.firm_sales_share, 6) as firm_sales_share,
        cast(finest.finest_stable_k as integer) as finest_stable_k,
        finest.finest_k,
        round(priors.prior_weight, 6) as prior_weight,
        priors.prior_code,
        retained.retention
    from store_counts
    inner join firm
        on store_counts.category = firm.category
    inner join finest
        on store_counts.category = finest.category
    inner join retained
        on store_counts.category = retained.category
    inner join {{ ref('internal_priors') }} as priors
        on store_counts.category = priors.category
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
        *,
        case
            when cluster_count = 1 and merged_cluster_count > 1
                then 'one_cluster_small'
            when cluster_count = 1 and finest_k = 1 then 'one_cluster_alike'
            when cluster_count = 1 and finest_stable_k = 1 then 'one_cluster_unstable'
            when cluster_count = 1 then 'one_cluster_fixed'
            when stable_cluster_count = cluster_count then 'stable'
            when firm_store_share >= {{ firm_from() }} then 'mostly_stable'
            when stable_cluster_count > 0 then 'partly_stable'
            else 'unstable'
        end as verdict_code
    from joined

),

worded as (

    select
        * exclude (finest_k, prior_code, retention),
        words.verdict(
            verdict_code,
            firm_clusters := stable_cluster_count,
            clusters := cluster_count,
            firm_stores := firm_store_share,
            firm_sales := coalesce(firm_sales_share, 0),
            merged_clusters := merged_cluster_count
        ) || words.prior(prior_code, weight := prior_weight) as verdict,
        retention
    from judged

)

select * from worded
order by category
