with

clusters as (

    select
        store_id,
        category,
        cluster_id
    from {{ ref('rebalanced_clusters') }}

),

shares as (

    select * from {{ ref('store_need_state_shares') }}

),

external_features as (

    select * from {{ ref('store_external_features') }}

),

-- a need state that a store with sales does not sell is a share of zero
sellers as (

    select distinct
        store_id,
        category
    from shares

),

need_states as (

    select distinct
        category,
        need_state
    from shares

),

internal_values as (

    select
        sellers.store_id,
        sellers.category,
        'internal' as block,
        need_states.need_state as feature,
        coalesce(shares.sales_share, 0) as value
    from sellers
    inner join need_states
        on sellers.category = need_states.category
    left join shares
        on
            sellers.store_id = shares.store_id
            and sellers.category = shares.category
            and need_states.need_state = shares.need_state

),

-- each level of a categorical feature counts as a share of the stores that have one
levels as (

    select distinct
        category,
        feature,
        level
    from external_features
    where level is not null

),

external_values as (

    select
        external_features.store_id,
        external_features.category,
        external_features.feature
        || coalesce(' = ' || levels.level, '') as feature,
        case
            when levels.level is null then external_features.value
            else cast(external_features.level = levels.level as integer)
        end as value
    from external_features
    left join levels
        on
            external_features.feature = levels.feature
            and external_features.category is not distinct from levels.category

),

clustered as (

    select
        internal_values.*,
        clusters.cluster_id
    from internal_values
    inner join clusters
        on
            internal_values.store_id = clusters.store_id
            and internal_values.category = clusters.category
    union all
    select
        external_values.store_id,
        clusters.category,
        'external' as block,
        external_values.feature,
        external_values.value,
        clusters.cluster_id
    from external_values
    inner join clusters
        on
            external_values.store_id = clusters.store_id
            and coalesce(external_values.category, clusters.category)
            = clusters.category

),

-- ordered, so that doubles are added in the same order every time
category_statistics as (

    select
        category,
        block,
        feature,
        avg(value order by store_id) as category_mean,
        stddev_pop(value order by store_id) as category_deviation
    from clustered
    group by category, block, feature

),

cluster_means as (

    select
        category,
        cluster_id,
        block,
        feature,
        avg(value order by store_id) as cluster_mean
    from clustered
    group by category, cluster_id, block, feature

),

compared as (

    select
        cluster_means.category,
        cluster_means.cluster_id,
        cluster_means.block,
        cluster_means.feature,
        round(cluster_means.cluster_mean, 9) as cluster_mean,
        round(category_statistics.category_mean, 9) as category_mean,
        round(
            100 * cluster_means.cluster_mean
            / nullif(category_statistics.category_mean, 0),
            2
        ) as index_value,
        round(coalesce(
            (cluster_means.cluster_mean - category_statistics.category_mean)
            / nullif(category_statistics.category_deviation, 0),
            0
        ), 6) as standard_difference
    from cluster_means
    inner join category_statistics
        on
            cluster_means.category = category_statistics.category
            and cluster_means.block = category_statistics.block
            and cluster_means.feature = category_statistics.feature

)

select
    *,
    row_number() over (
        partition by category, cluster_id, block
        order by abs(standard_difference) desc, feature asc
    ) as distinctiveness_rank
from compared
