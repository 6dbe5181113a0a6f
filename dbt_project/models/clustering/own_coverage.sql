with

store_sku_sales as (

    select * from {{ ref('store_sku_sales') }}

),

range_sizes as (

    select * from {{ ref('range_sizes') }}

),

store_folds as (

    select
        store_id,
        category,
        fold,
        min(basis) as basis
    from {{ ref('planning_stores') }}
    group by store_id, category, fold

),

category_ranges as (

    select * from {{ ref('cluster_ranges') }}
    where node = 1

),

placed as (

    select
        store_sku_sales.store_id,
        store_sku_sales.category,
        store_sku_sales.later_sales,
        store_sku_sales.earlier_sales > 0 as is_carried,
        category_ranges.place as category_place,
        row_number() over (
            partition by store_sku_sales.store_id, store_sku_sales.category
            order by
                store_sku_sales.earlier_sales desc,
                store_sku_sales.sku_id asc
        ) as own_place,
        range_sizes.range_skus
    from store_sku_sales
    inner join store_folds
        on
            store_sku_sales.store_id = store_folds.store_id
            and store_sku_sales.category = store_folds.category
    inner join range_sizes
        on store_sku_sales.category = range_sizes.category
    left join category_ranges
        on
            store_folds.category = category_ranges.category
            and store_folds.basis = category_ranges.basis
            and store_folds.fold = category_ranges.fold
            and store_sku_sales.sku_id = category_ranges.sku_id

),

-- a store that carries fewer SKUs takes the best of the category's that it lacks
counted as (

    select
        *,
        count(*) filter (is_carried) over store as carried_skus,
        count(category_place) filter (is_carried) over so_far as carried_before
    from placed
    window
        store as (partition by store_id, category),
        so_far as (partition by store_id, category order by category_place)

),

filled as (

    select
        *,
        case
            when is_carried then own_place
            else carried_skus + category_place - carried_before
        end as place
    from counted

),

summed as (

    select
        store_id,
        category,
        sum(later_sales) as later_sales,
        coalesce(
            sum(later_sales) filter (place <= range_skus), 0
        ) as own_sales
    from filled
    group by store_id, category
    having sum(later_sales) > 0

)

select * from summed
