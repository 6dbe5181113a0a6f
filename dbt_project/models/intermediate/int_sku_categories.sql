with

need_states as (

    select * from {{ ref('int_need_states') }}

),

sku_categories as (

    select distinct
        sku_id,
        category
    from need_states

)

select * from sku_categories
