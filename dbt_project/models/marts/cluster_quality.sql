with

store_clusters as (

    select * from {{ ref('store_clusters') }}

),

k_selection as (

    select * from {{ ref('k_selection') }}

),

cluster_stability as (

    select * from {{ ref('cluster_stability') }}

),

cluster_changes as (

    select * from {{ ref('cluster_changes') }}

),

internal_prepared as (

    select * from {{ ref('internal_prepared') }}

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

-- finest_stable_k: the finest split of either side that is no accident
chosen_k as (

    select
        category,
        max(k) filter (is_chosen and side = 'internal') as internal_k,
        max(silhouette) filter (is_chosen and side = 'internal')
            as internal_silhouette,
        max(k) filter (is_chosen and side = 'external') as external_k,
        max(silhouette) filter (is_chosen and side = 'external')
            as external_silhouette,
        max(k) filter (is_stable or k = 1) as finest_stable_k,
        max(k) as finest_k
    from k_selection
    group by category

),

sized as (

    select
        store_clusters.category,
        store_clusters.cluster_id,
        coalesce(any_value(cluster_stability.jaccard) >= {{ firm_from() }}, false)
            as is_firm,
        count(*) as store_count,
        sum(store_clusters.sales) as sales
    from store_clusters
    inner join cluster_stability
        on
            store_clusters.category = cluster_stability.category
            and store_clusters.cluster_id = cluster_stability.cluster_id
    group by store_clusters.category, store_clusters.cluster_id

),

cluster_counts as (

    select
        category,
        count(*) as cluster_count,
        min(store_count) as smallest_cluster,
        max(store_count) as largest_cluster,
        count(*) filter (is_firm) as stable_cluster_count,
        round(
            coalesce(sum(store_count) filter (is_firm), 0) / sum(store_count), 6
        ) as firm_store_share,
        round(
            cast(coalesce(sum(sales) filter (is_firm), 0) as double)
            / nullif(cast(sum(sales) as double), 0),
            6
        ) as firm_sales_share
    from sized
    group by category

),

-- how many times the sales of the median store in the fit the average store counts
priors as (

    select
        internal_prepared.category,
        coalesce(
            max(internal_prepared.prior_sales) / median(
                cast(store_clusters.sales as double)
            ) filter (internal_prepared.in_fit),
            0
        ) as prior_weight
    from internal_prepared
    inner join store_clusters
        on
            internal_prepared.store_id = store_clusters.store_id
            and internal_prepared.category = store_clusters.category
    group by internal_prepared.category

),

retained as (

    select
        category,
        round(sum(kept_stores) / nullif(sum(shared_stores), 0), 6) as retention
    from cluster_changes
    group by category

),

joined as (

    select
        store_counts.*,
        chosen_k.internal_k,
        chosen_k.internal_silhouette,
        chosen_k.external_k,
        chosen_k.external_silhouette,
        cast(chosen_k.finest_stable_k as integer) as finest_stable_k,
        chosen_k.finest_k,
        cluster_counts.cluster_count,
        cluster_counts.smallest_cluster,
        cluster_counts.largest_cluster,
        cluster_counts.stable_cluster_count,
        cluster_counts.firm_store_share,
        cluster_counts.firm_sales_share,
        priors.prior_weight,
        retained.retention
    from store_counts
    inner join chosen_k
        on store_counts.category = chosen_k.category
    inner join cluster_counts
        on store_counts.category = cluster_counts.category
    inner join priors
        on store_counts.category = priors.category
    inner join retained
        on store_counts.category = retained.category

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
        end as verdict_code,
        case
            when prior_weight > 1 then 'heavy'
            when prior_weight > 0 then 'light'
            else 'none'
        end as prior_code
    from joined

)

select
    category,
    store_count,
    inferred_count,
    reassigned_count,
    override_count,
    outlier_count,
    internal_k,
    internal_silhouette,
    external_k,
    external_silhouette,
    merged_cluster_count,
    cluster_count,
    smallest_cluster,
    largest_cluster,
    silhouette,
    stable_cluster_count,
    firm_store_share,
    firm_sales_share,
    finest_stable_k,
    round(prior_weight, 6) as prior_weight,
    verdict_code,
    words.verdict(
        verdict_code,
        firm_clusters := stable_cluster_count,
        clusters := cluster_count,
        firm_stores := firm_store_share,
        firm_sales := coalesce(firm_sales_share, 0),
        merged_clusters := merged_cluster_count
    ) || words.prior(prior_code, weight := round(prior_weight, 6)) as verdict,
    retention
from judged
order by category
