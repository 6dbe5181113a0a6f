with

feature_means as (

    select * from {{ ref('cluster_feature_means') }}

),

clusters as (

    select distinct
        category,
        cluster_id
    from {{ ref('final_clusters') }}

),

-- the need state that the cluster over-sells most, against the category's average
strongest as (

    select
        category,
        cluster_id,
        feature
    from feature_means
    where
        block = 'internal'
        and standard_difference > 0
    qualify row_number() over (
        partition by category, cluster_id
        order by standard_difference desc, feature asc
    ) = 1

)

select
    clusters.category,
    clusters.cluster_id,
    clusters.cluster_id || ': ' || coalesce(strongest.feature, 'all stores')
        as cluster_name
from clusters
left join strongest
    on
        clusters.category = strongest.category
        and clusters.cluster_id = strongest.cluster_id
