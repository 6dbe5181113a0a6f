with

store_sku_sales as (

    select * from {{ ref('store_sku_sales') }}
    where earlier_sales > 0

),

planning_stores as (

    select * from {{ ref('planning_stores') }}

),

range_sizes as (

    select * from {{ ref('range_sizes') }}

),

node_leaves as (

    select distinct
        category,
        basis,
        node,
        leaf
    from {{ ref('cluster_tree') }}

),

leaf_sales as (

    select
        planning_stores.category,
        planning_stores.basis,
        planning_stores.leaf,
        planning_stores.fold,
        store_sku_sales.sku_id,
        sum(store_sku_sales.earlier_sales) as sales
    from store_sku_sales
    inner join planning_stores
        on
            store_sku_sales.store_id = planning_stores.store_id
            and store_sku_sales.category = planning_stores.category
    group by
        planning_stores.category,
        planning_stores.basis,
        planning_stores.leaf,
        planning_stores.fold,
        store_sku_sales.sku_id

),

node_sales as (

    select
        leaf_sales.category,
        leaf_sales.basis,
        node_leaves.node,
        leaf_sales.fold,
        leaf_sales.sku_id,
        sum(leaf_sales.sales) as sales
    from leaf_sales
    inner join node_leaves
        on
            leaf_sales.category = node_leaves.category
            and leaf_sales.basis = node_leaves.basis
            and leaf_sales.leaf = node_leaves.leaf
    group by
        leaf_sales.category,
        leaf_sales.basis,
        node_leaves.node,
        leaf_sales.fold,
        leaf_sales.sku_id

),

node_totals as (

    select
        category,
        basis,
        node,
        sku_id,
        sum(sales) as sales
    from node_sales
    group by category, basis, node, sku_id

),

node_folds as (

    select distinct
        node_leaves.category,
        node_leaves.basis,
        node_leaves.node,
        planning_stores.fold
    from node_leaves
    inner join planning_stores
        on
            node_leaves.category = planning_stores.category
            and node_leaves.basis = planning_stores.basis
            and node_leaves.leaf = planning_stores.leaf

),

-- node 1 is all stores: what sells elsewhere in the category fills a short range
elsewhere as (

    select
        node_folds.category,
        node_folds.basis,
        node_folds.fold,
        node_totals.sku_id,
        node_totals.sales - coalesce(node_sales.sales, 0) as sales
    from node_folds
    inner join node_totals
        on
            node_folds.category = node_totals.category
            and node_folds.basis = node_totals.basis
    left join node_sales
        on
            node_folds.category = node_sales.category
            and node_folds.basis = node_sales.basis
            and node_sales.node = 1
            and node_folds.fold = node_sales.fold
            and node_totals.sku_id = node_sales.sku_id
    where
        node_folds.node = 1
        and node_totals.node = 1
        and node_totals.sales > coalesce(node_sales.sales, 0)

),

candidates as (

    select
        node_folds.category,
        node_folds.basis,
        node_folds.node,
        node_folds.fold,
        elsewhere.sku_id,
        coalesce(node_totals.sales, 0)
        - coalesce(node_sales.sales, 0) as node_sales,
        elsewhere.sales as category_sales
    from node_folds
    inner join elsewhere
        on
            node_folds.category = elsewhere.category
            and node_folds.basis = elsewhere.basis
            and node_folds.fold = elsewhere.fold
    left join node_totals
        on
            node_folds.category = node_totals.category
            and node_folds.basis = node_totals.basis
            and node_folds.node = node_totals.node
            and elsewhere.sku_id = node_totals.sku_id
    left join node_sales
        on
            node_folds.category = node_sales.category
            and node_folds.basis = node_sales.basis
            and node_folds.node = node_sales.node
            and node_folds.fold = node_sales.fold
            and elsewhere.sku_id = node_sales.sku_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by category, basis, node, fold
            order by node_sales desc, category_sales desc, sku_id
        ) as position
    from candidates

)

select
    ranked.category,
    ranked.basis,
    ranked.node,
    ranked.fold,
    ranked.sku_id,
    ranked.position
from ranked
inner join range_sizes
    on
        ranked.category = range_sizes.category
        and ranked.position <= range_sizes.range_skus
