with

store_clusters as (

    select
        store_id,
        category,
        cluster_id
    from {{ ref('store_clusters') }}

),

feature_values as (

    select * from {{ ref('store_feature_values') }}

),

feature_means as (

    select * from {{ ref('cluster_feature_means') }}
    where category_deviation > 0

),

-- how much nearer a feature brings the store to its cluster than to the average store:
-- squared distances in standard deviations, one less the other
compared as (

    select
        store_clusters.store_id,
        store_clusters.category,
        store_clusters.cluster_id,
        feature_means.block,
        feature_means.feature,
        feature_values.value as store_value,
        feature_means.cluster_mean,
        feature_means.category_mean,
        round(
            feature_means.standard_difference * (
                2 * (feature_values.value - feature_means.category_mean)
                / feature_means.category_deviation
                - feature_means.standard_difference
            ),
            6
        ) as pull
    from store_clusters
    inner join feature_means
        on
            store_clusters.category = feature_means.category
            and store_clusters.cluster_id = feature_means.cluster_id
    inner join feature_values
        on
            store_clusters.store_id = feature_values.store_id
            and feature_means.feature = feature_values.feature
            and feature_means.block = feature_values.block
            and coalesce(feature_values.category, store_clusters.category)
            = store_clusters.category

),

ranked as (

    select
        *,
        row_number() over (
            partition by store_id, category
            order by pull desc, block desc, feature asc
        ) as reason_rank
    from compared
    where pull > 0

),

worded as (

    select
        store_id,
        category,
        cast(cluster_id as integer) as cluster_id,
        cast(reason_rank as integer) as reason_rank,
        block,
        feature,
        round(store_value, 6) as store_value,
        round(cluster_mean, 6) as cluster_mean,
        round(category_mean, 6) as category_mean,
        case
            when block = 'internal'
                then printf(
                    '%s is %.0f %% of sales, %.0f %% in the average store',
                    feature, 100 * store_value, 100 * category_mean
                )
            when contains(feature, ' = ')
                then printf(
                    '%s%s, as %.0f %% of the cluster and %.0f %% of all stores',
                    case when store_value < 0.5 then 'not ' else '' end,
                    feature,
                    100 * abs(cluster_mean - cast(store_value < 0.5 as integer)),
                    100 * abs(category_mean - cast(store_value < 0.5 as integer))
                )
            else
                feature || ' is ' || {{ readable_number('store_value') }}
                || ', ' || {{ readable_number('category_mean') }}
                || ' in the average store'
        end as reason
    from ranked
    where reason_rank <= 3

)

select * from worded
order by category, store_id, reason_rank
