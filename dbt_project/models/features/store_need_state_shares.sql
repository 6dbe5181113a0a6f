with

need_state_sales as (

    select * from {{ ref('int_need_state_sales') }}

),

summed as (

    select
        store_id,
        category,
        need_state,
        sum(sales) as sales
    from need_state_sales
    group by store_id, category, need_state

),

shared as (

    select
        store_id,
        category,
        need_state,
        cast(sales as double) as sales,
        cast(sales as double) / cast(
            sum(sales) over (partition by store_id, category) as double
        ) as sales_share
    from summed

)

select * from shared
