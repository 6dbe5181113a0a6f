with

need_states as (

    select * from {{ ref('int_need_states') }}

),

sku_categories as (

    select distinct
        sku_id,
        category
    from need_states

),

counted as (

    select
        sku_id,
        category,
        count(*) over (partition by sku_id) as category_count
    from sku_categories

)

select * from counted
