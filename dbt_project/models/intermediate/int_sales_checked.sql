with

sales as (

    select * from {{ ref('stg_internal_sales') }}

),

sku_categories as (

    select * from {{ ref('int_sku_categories') }}

),

known_skus as (

    select
        sku_id,
        case when count(*) = 1 then min(category) end as only_category
    from sku_categories
    group by sku_id

),

categorised as (

    select
        sales.store_id,
        sales.sku_id,
        coalesce(sales.category, known_skus.only_category) as category,
        sales.period_start,
        sales.sales as read_sales,
        -- decimals add up to the same sum in any order; doubles do not
        try_cast(sales.sales as decimal(18, 4)) as sales,
        known_skus.sku_id is not null as is_known_sku
    from sales
    left join known_skus
        on sales.sku_id = known_skus.sku_id

),

reasoned as (

    select
        categorised.*,
        case
            when categorised.store_id is null or categorised.sku_id is null
                then 'null_key'
            when categorised.category in ({{ text_list(var('excluded_categories')) }})
                then 'excluded_category'
            when not categorised.is_known_sku then 'unknown_sku'
            when sku_categories.sku_id is null then 'category_mismatch'
            when categorised.read_sales is null then 'missing_sales'
            when categorised.sales is null then 'non_finite_sales'
            when categorised.sales <= 0 then 'non_positive_sales'
        end as reason
    from categorised
    left join sku_categories
        on
            categorised.sku_id = sku_categories.sku_id
            and categorised.category = sku_categories.category

),

counted as (

    select
        store_id,
        sku_id,
        category,
        period_start,
        reason,
        count(*) as row_count,
        sum(sales) as total_sales,
        max(sales) as sales
    from reasoned
    group by store_id, sku_id, category, period_start, reason

)

select * from counted
