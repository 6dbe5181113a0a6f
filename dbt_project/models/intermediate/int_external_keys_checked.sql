with

store_attributes as (

    select * from {{ ref('stg_store_attributes') }}

),

external_sales as (

    select * from {{ ref('stg_external_sales') }}

),

categories as (

    select distinct category from {{ ref('int_sku_categories') }}

),

united as (

    select
        'store_attributes' as source_table,
        store_id,
        cast(null as string) as category,
        case when store_id is null then 'null_key' end as reason
    from store_attributes
    union all
    select
        'external_sales' as source_table,
        external_sales.store_id,
        external_sales.category,
        case
            when external_sales.store_id is null or external_sales.category is null
                then 'null_key'
            when
                external_sales.category
                in ({{ text_list(var('excluded_categories')) }})
                then 'excluded_category'
            when categories.category is null then 'unknown_category'
        end as reason
    from external_sales
    left join categories
        on external_sales.category = categories.category

),

counted as (

    select
        source_table,
        store_id,
        category,
        reason,
        count(*) as row_count
    from united
    group by source_table, store_id, category, reason

)

select * from counted
