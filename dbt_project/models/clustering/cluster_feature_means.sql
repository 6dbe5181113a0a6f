with

clusters as (

    select
        store_id,
        category,
        cluster_id
    from {{ ref('final_clusters') }}

),

feature_values as (

    select * from {{ ref('store_feature_values') }}

),

-- two joins: one of all at once would try every category for every value
clustered as (

    select
        clusters.*,
        feature_values.block,
        feature_values.feature,
        feature_values.column_name,
        feature_values.level,
        feature_values.value
    from clusters
    inner join feature_values
        on
            clusters.store_id = feature_values.store_id
            and clusters.category = feature_values.category
    union all
    select
        clusters.*,
        feature_values.block,
        feature_values.feature,
        feature_values.column_name,
        feature_values.level,
        feature_values.value
    from clusters
    inner join feature_values
        on clusters.store_id = feature_values.store_id
    where feature_values.category is null

),

-- ordered, so that doubles are added in the same order every time
category_statistics as (

    select
        category,
        block,
        feature,
        any_value(column_name) as column_name,
        any_value(level) as level,
        avg(value order by store_id) as category_mean,
        stddev_pop(value order by store_id) as category_deviation,
        min(value) as lowest_value
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
        category_statistics.column_name,
        category_statistics.level,
        round(cluster_means.cluster_mean, 9) as cluster_mean,
        round(category_statistics.category_mean, 9) as category_mean,
        round(category_statistics.category_deviation, 9) as category_deviation,
        -- a ratio of what may be negative means nothing
        case
            when
                category_statistics.category_mean > 0
                and category_statistics.lowest_value >= 0
                then round(
                    100 * cluster_means.cluster_mean
                    / category_statistics.category_mean,
                    2
                )
        end as index_value,
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
