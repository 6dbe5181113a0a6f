with

feature_means as (

    select * from {{ ref('cluster_feature_means') }}

),

cluster_names as (

    select * from {{ ref('cluster_names') }}

),

named as (

    select
        feature_means.category,
        cast(feature_means.cluster_id as integer) as cluster_id,
        cluster_names.cluster_name,
        feature_means.block,
        feature_means.feature,
        feature_means.cluster_mean,
        feature_means.category_mean,
        feature_means.index_value,
        feature_means.standard_difference,
        cast(feature_means.distinctiveness_rank as integer) as distinctiveness_rank
    from feature_means
    inner join cluster_names
        on
            feature_means.category = cluster_names.category
            and feature_means.cluster_id = cluster_names.cluster_id

)

select * from named
order by category, cluster_id, block, distinctiveness_rank
