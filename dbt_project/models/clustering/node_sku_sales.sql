with

store_sku_sales as (

    select
        store_id,
        category,
        sku_id,
        cast(earlier_sales as decimal(19, 4)) as sales,
        cast(
            sum(earlier_sales) over (partition by store_id, category)
            as decimal(18, 4)
        ) as store_sales
    from {{ ref('store_sku_sales') }}
    where earlier_sales > 0

),

planning_stores as (

    select * from {{ ref('planning_stores') }}

),

node_leaves as (

    select distinct
        category,
        basis,
        node,
        leaf
    from {{ ref('cluster_tree') }}

),

leaf_sums as (

    select
        planning_stores.category,
        planning_stores.basis,
        planning_stores.leaf,
        planning_stores.fold,
        store_sku_sales.sku_id,
        sum(store_sku_sales.sales) as sales,
        sum(
            store_sku_sales.sales
            * cast(store_sku_sales.sales as decimal(18, 4))
        ) as squares,
        sum(store_sku_sales.sales * store_sku_sales.store_sales) as products
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

node_sums as (

    select
        leaf_sums.category,
        leaf_sums.basis,
        node_leaves.node,
        leaf_sums.fold,
        leaf_sums.sku_id,
        sum(leaf_sums.sales) as sales,
        sum(leaf_sums.squares) as squares,
        sum(leaf_sums.products) as products
    from leaf_sums
    inner join node_leaves
        on
            leaf_sums.category = node_leaves.category
            and leaf_sums.basis = node_leaves.basis
            and leaf_sums.leaf = node_leaves.leaf
    group by
        leaf_sums.category,
        leaf_sums.basis,
        node_leaves.node,
        leaf_sums.fold,
        leaf_sums.sku_id

)

select * from node_sums
