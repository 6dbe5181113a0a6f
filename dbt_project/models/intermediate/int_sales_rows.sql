with

sales as (

    select * from {{ ref('stg_internal_sales') }}

),

known_skus as (

    select
        sku_id,
        array_agg(category) as categories,
        case when count(*) = 1 then min(category) end as only_category
    from {{ ref('int_sku_categories') }}
    group by sku_id

),

categorised as (

    select
        sales.store_id,
        sales.sku_id,
        coalesce(sales.category, known_skus.only_category) as category,
        sales.period_start,
        sales.row_number,
        sales.sales as read_sales,
        -- decimals add up to the same sum in any order; doubles do not
        {{ to_decimal('sales.sales', 18, 4, or_null=true) }} as sales,
        known_skus.categories
    from sales
    left join known_skus
        on sales.sku_id = known_skus.sku_id

),

reasoned as (

    select
        store_id,
        sku_id,
        category,
        period_start,
        row_number,
        sales,
        case
            when store_id is null or sku_id is null then 'null_key'
            when category in ({{ text_list(var('excluded_categories')) }})
                then 'excluded_category'
            when categories is null then 'unknown_sku'
            when not coalesce(array_contains(categories, category), false)
                then 'category_mismatch'
            when read_sales is null then 'missing_sales'
            when sales is null then 'non_finite_sales'
            when
                sales <= 0
                and '{{ var('sales_rows') }}' = 'refuse_duplicates'
                then 'non_positive_sales'
        end as reason
    from categorised

)

select * from reasoned
