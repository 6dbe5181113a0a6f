with

store_sales as (

    select
        store_id,
        category,
        cast(sum(earlier_sales) as decimal(19, 4)) as sales
    from {{ ref('store_sku_sales') }}
    where earlier_sales > 0
    group by store_id, category

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

fold_sums as (

    select
        planning_stores.category,
        planning_stores.basis,
        node_leaves.node,
        planning_stores.fold,
        coalesce(sum(store_sales.sales), 0) as sales,
        coalesce(
            sum(store_sales.sales * cast(store_sales.sales as decimal(18, 4))),
            0
        ) as squares
    from planning_stores
    inner join node_leaves
        on
            planning_stores.category = node_leaves.category
            and planning_stores.basis = node_leaves.basis
            and planning_stores.leaf = node_leaves.leaf
    left join store_sales
        on
            planning_stores.store_id = store_sales.store_id
            and planning_stores.category = store_sales.category
    group by
        planning_stores.category,
        planning_stores.basis,
        node_leaves.node,
        planning_stores.fold

),

-- of the stores that plan the fold's range: the node's other stores
others as (

    select
        category,
        basis,
        node,
        fold,
        sum(sales) over node_stores - sales as sales,
        sum(squares) over node_stores - squares as squares
    from fold_sums
    window node_stores as (partition by category, basis, node)

)

select * from others
