with

store_sku_sales as (

    select * from {{ ref('store_sku_sales') }}
    where later_sales > 0

),

planning_stores as (

    select * from {{ ref('planning_stores') }}

),

cluster_tree as (

    select * from {{ ref('cluster_tree') }}

),

cluster_ranges as (

    select * from {{ ref('cluster_ranges') }}

),

node_leaves as (

    select distinct
        category,
        basis,
        leaf,
        node
    from cluster_tree

),

demand as (

    select
        store_id,
        category,
        sum(later_sales) as later_sales
    from store_sku_sales
    group by store_id, category

),

covered as (

    select
        planning_stores.store_id,
        planning_stores.category,
        planning_stores.basis,
        cluster_ranges.node,
        sum(store_sku_sales.later_sales) as covered_sales
    from store_sku_sales
    inner join planning_stores
        on
            store_sku_sales.store_id = planning_stores.store_id
            and store_sku_sales.category = planning_stores.category
    inner join node_leaves
        on
            planning_stores.category = node_leaves.category
            and planning_stores.basis = node_leaves.basis
            and planning_stores.leaf = node_leaves.leaf
    inner join cluster_ranges
        on
            node_leaves.category = cluster_ranges.category
            and node_leaves.basis = cluster_ranges.basis
            and node_leaves.node = cluster_ranges.node
            and planning_stores.fold = cluster_ranges.fold
            and store_sku_sales.sku_id = cluster_ranges.sku_id
    group by
        planning_stores.store_id,
        planning_stores.category,
        planning_stores.basis,
        cluster_ranges.node

),

joined as (

    select
        planning_stores.store_id,
        planning_stores.category,
        planning_stores.basis,
        cluster_tree.clusters,
        demand.later_sales,
        coalesce(covered.covered_sales, 0) as covered_sales
    from planning_stores
    inner join demand
        on
            planning_stores.store_id = demand.store_id
            and planning_stores.category = demand.category
    inner join cluster_tree
        on
            planning_stores.category = cluster_tree.category
            and planning_stores.basis = cluster_tree.basis
            and planning_stores.leaf = cluster_tree.leaf
    left join covered
        on
            planning_stores.store_id = covered.store_id
            and planning_stores.category = covered.category
            and planning_stores.basis = covered.basis
            and cluster_tree.node = covered.node

)

select * from joined
