with

sales as (

    select * from {{ ref('int_sales_checked') }}
    where reason is null

),

final_clusters as (

    select * from {{ ref('final_clusters') }}

),

numbered_clusters as (

    select * from {{ ref('numbered_clusters') }}

),

need_states as (

    select * from {{ ref('int_need_states') }}

),

cluster_sku_sales as (

    select
        sales.category,
        cast(numbered_clusters.internal_cluster as integer) as internal_cluster,
        cast(final_clusters.cluster_id as integer) as cluster_id,
        sales.sku_id,
        sum(sales.sales) as sales
    from sales
    inner join final_clusters
        on
            sales.store_id = final_clusters.store_id
            and sales.category = final_clusters.category
    inner join numbered_clusters
        on
            sales.store_id = numbered_clusters.store_id
            and sales.category = numbered_clusters.category
    group by
        sales.category,
        numbered_clusters.internal_cluster,
        final_clusters.cluster_id,
        sales.sku_id

),

allocated as (

    select
        cluster_sku_sales.category,
        cluster_sku_sales.internal_cluster,
        cluster_sku_sales.cluster_id,
        need_states.need_state,
        need_states.cdt,
        need_states.attribute_1,
        need_states.attribute_2,
        need_states.attribute_3,
        need_states.attribute_4,
        need_states.attribute_5,
        need_states.attribute_6,
        {{ split_evenly(
            'cluster_sku_sales.sales',
            'need_states.need_state_count',
            'need_states.need_state_number',
        ) }} as sales
    from cluster_sku_sales
    inner join need_states
        on
            cluster_sku_sales.sku_id = need_states.sku_id
            and cluster_sku_sales.category = need_states.category

),

by_dimension as (

    select *
    from allocated unpivot include nulls (
        level for dimension in (
            need_state,
            cdt,
            attribute_1,
            attribute_2,
            attribute_3,
            attribute_4,
            attribute_5,
            attribute_6
        )
    )

),

summed as (

    select
        category,
        internal_cluster,
        cluster_id,
        dimension,
        coalesce(level, '(none)') as level_name,
        sum(sales) as sales
    from by_dimension
    group by category, internal_cluster, cluster_id, dimension, level_name
    -- a dimension that no SKU of the category has a level of is none
    qualify sum(count(level)) over (partition by category, dimension) > 0

),

-- to the four decimals of the input: what one level is rounded by, the next makes up
running as (

    select
        *,
        round(sum(sales) over (
            partition by category, internal_cluster, cluster_id, dimension
            order by level_name
        ), 4) as running_sales
    from summed

),

rounded as (

    select
        *,
        running_sales - lag(running_sales, 1, 0) over (
            partition by category, internal_cluster, cluster_id, dimension
            order by level_name
        ) as level_sales
    from running

),

sided as (

    select
        category,
        'internal' as side,
        internal_cluster as cluster_id,
        dimension,
        level_name as level,
        level_sales
    from rounded
    union all
    select
        category,
        'final' as side,
        cluster_id,
        dimension,
        level_name as level,
        level_sales
    from rounded

),

by_cluster as (

    select
        category,
        side,
        cluster_id,
        dimension,
        level,
        cast(sum(level_sales) as decimal(38, 4)) as sales
    from sided
    group by category, side, cluster_id, dimension, level

)

select * from by_cluster
order by category, side, cluster_id, dimension, level
