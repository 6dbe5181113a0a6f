with

by_side as (

    select
        category,
        'internal' as side,
        internal_cluster as cluster_id,
        sales
    from {{ ref('store_clusters') }}
    union all
    select
        category,
        'final' as side,
        cluster_id,
        sales
    from {{ ref('cluster_summary') }}

),

clusters as (

    select
        category,
        side,
        cluster_id,
        sum(sales) as sales
    from by_side
    group by category, side, cluster_id

),

dimensions as (

    select
        category,
        side,
        cluster_id,
        dimension,
        sum(sales) as sales
    from {{ ref('cluster_sales') }}
    group by category, side, cluster_id, dimension

)

select
    coalesce(clusters.category, dimensions.category) as category,
    coalesce(clusters.side, dimensions.side) as side,
    coalesce(clusters.cluster_id, dimensions.cluster_id) as cluster_id,
    dimensions.dimension,
    clusters.sales as cluster_sales,
    dimensions.sales as dimension_sales
from clusters
full outer join dimensions
    on
        clusters.category = dimensions.category
        and clusters.side = dimensions.side
        and clusters.cluster_id = dimensions.cluster_id
where clusters.sales is distinct from coalesce(dimensions.sales, 0)
