with

node_sku_sales as (

    select * from {{ ref('node_sku_sales') }}

),

node_sales as (

    select * from {{ ref('node_sales') }}

),

totals as (

    select
        category,
        basis,
        node,
        sku_id,
        sum(sales) as sales,
        sum(squares) as squares,
        sum(products) as products
    from node_sku_sales
    group by category, basis, node, sku_id

),

-- for each fold all SKUs that the category sells in the other folds
pairs as (

    select
        node_sales.*,
        totals.sku_id
    from node_sales
    inner join totals
        on
            node_sales.category = totals.category
            and node_sales.basis = totals.basis
            and totals.node = 1

),

others as (

    select
        pairs.category,
        pairs.basis,
        pairs.node,
        pairs.fold,
        pairs.sku_id,
        cast(pairs.sales as double) as node_sales,
        cast(pairs.squares as double) as node_squares,
        cast(
            coalesce(totals.sales, 0) - coalesce(fold_sales.sales, 0) as double
        ) as sales,
        cast(
            coalesce(totals.squares, 0) - coalesce(fold_sales.squares, 0)
            as double
        ) as squares,
        cast(
            coalesce(totals.products, 0) - coalesce(fold_sales.products, 0)
            as double
        ) as products
    from pairs
    left join totals
        on
            pairs.category = totals.category
            and pairs.basis = totals.basis
            and pairs.node = totals.node
            and pairs.sku_id = totals.sku_id
    left join node_sku_sales as fold_sales
        on
            pairs.category = fold_sales.category
            and pairs.basis = fold_sales.basis
            and pairs.node = fold_sales.node
            and pairs.fold = fold_sales.fold
            and pairs.sku_id = fold_sales.sku_id

),

shared as (

    select
        others.category,
        others.basis,
        others.node,
        others.fold,
        others.sku_id,
        whole.sales / whole.node_sales as category_share,
        others.sales / nullif(others.node_sales, 0) as node_share,
        (whole.sales - others.sales)
        / nullif(whole.node_sales - others.node_sales, 0) as rest_share,
        {{ share_variance('others.%s') }} as node_variance,
        {{ share_variance('(whole.%s - others.%s)') }} as rest_variance
    from others
    inner join others as whole
        on
            others.category = whole.category
            and others.basis = whole.basis
            and others.fold = whole.fold
            and others.sku_id = whole.sku_id
            and whole.node = 1
            and whole.sales > 0

)

select
    category,
    basis,
    node,
    fold,
    sku_id,
    category_share,
    coalesce(node_share, category_share) as node_share,
    -- squared difference over what chance makes of it; decimals have an exact mean
    cast(
        power(node_share - rest_share, 2)
        / nullif(node_variance + rest_variance, 0) as decimal(18, 6)
    ) as contrast
from shared
