with

cluster_summary as (

    select * from {{ ref('cluster_summary') }}

),

cluster_profiles as (

    select * from {{ ref('cluster_profiles') }}

),

importance as (

    select
        category,
        feature,
        max(importance_share) as importance_share
    from {{ ref('external_drivers') }}
    group by category, feature

),

compared as (

    select
        category,
        cluster_id,
        100 * sales_share / store_share as sales_index,
        sales_per_store,
        sum(sales) over categories / sum(store_count) over categories as average_sales,
        sales_share,
        store_share,
        inferred_count / store_count as inferred_share,
        sum(inferred_count) over categories / sum(store_count) over categories
            as average_inferred,
        outlier_count / store_count as outlier_share,
        sum(outlier_count) over categories / sum(store_count) over categories
            as average_outlier,
        -- what cannot be looked for again counts as not found
        case when stability_band != 'one cluster' then coalesce(jaccard, 0) end
            as stability
    from cluster_summary
    window categories as (partition by category)

),

of_clusters as (

    select
        category,
        cluster_id,
        unnest([
            {{ measure(
                'sales_index', here='sales_per_store', average='average_sales'
            ) }},
            {{ measure('sales_share', average='store_share', unit="'share'") }},
            {{ measure('store_share', unit="'share'") }},
            {{ measure(
                'inferred_share', average='average_inferred', unit="'share'"
            ) }},
            {{ measure('outlier_share', average='average_outlier', unit="'share'") }},
            {{ measure('stability') }}
        ], recursive := true)
    from compared

),

of_need_states as (

    select
        category,
        cluster_id,
        block,
        feature,
        greatest(cluster_mean, category_mean) as weight,
        abs(standard_difference) as distinctiveness,
        100 * (cluster_mean - category_mean) as points,
        unnest([
            {{ measure(
                'need_state_index',
                'index_value', 'cluster_mean', 'category_mean', 'unit'
            ) }},
            {{ measure(
                'need_state_points',
                'points', 'cluster_mean', 'category_mean', 'unit'
            ) }}
        ], recursive := true)
    from cluster_profiles
    where block = 'internal'

),

of_surroundings as (

    select
        cluster_profiles.category,
        cluster_profiles.cluster_id,
        cluster_profiles.block,
        cluster_profiles.feature,
        cluster_profiles.unit,
        coalesce(importance.importance_share, 0) as weight,
        abs(cluster_profiles.standard_difference) as distinctiveness,
        'external_difference' as measure,
        cluster_profiles.standard_difference as value,
        cluster_profiles.cluster_mean as here,
        cluster_profiles.category_mean as average
    from cluster_profiles
    left join importance
        on
            cluster_profiles.category = importance.category
            and cluster_profiles.column_name = importance.feature
    where cluster_profiles.block = 'external'

),

measured as (

    select * from of_clusters
    union all by name
    select * exclude (points) from of_need_states
    union all by name
    select * from of_surroundings

)

select
    category,
    cluster_id,
    measure,
    block,
    feature,
    unit,
    round(value, 6) as value,
    round(weight, 6) as weight,
    distinctiveness,
    round(here, 6) as here,
    round(average, 6) as average
from measured
where value is not null
order by category, cluster_id, measure, feature
