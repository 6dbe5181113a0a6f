with

store_attributes as (

    select * from {{ ref('stg_store_attributes') }}

),

external_sales as (

    select * from {{ ref('stg_external_sales') }}

),

united as (

    select
        'store_attributes' as source_table,
        store_id,
        cast(null as varchar) as category,
        store_id is null as has_null_key
    from store_attributes
    union all
    select
        'external_sales' as source_table,
        store_id,
        category,
        store_id is null or category is null as has_null_key
    from external_sales

),

counted as (

    select
        source_table,
        store_id,
        category,
        case when has_null_key then 'null_key' end as reason,
        count(*) as row_count
    from united
    group by source_table, store_id, category, has_null_key

)

select * from counted
