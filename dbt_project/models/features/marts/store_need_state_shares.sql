with

need_state_sales as (

    select * from {{ ref('int_need_state_sales') }}

),

shared as (

    select
        store_id,
        category,
        need_state,
        cast(sales as double) as sales,
        cast(odd_sales as double) as odd_sales,
        cast(sales as double) / cast(
            sum(sales) over (partition by store_id, category) as double
        ) as sales_share
    from need_state_sales

)

select * from shared
order by store_id, category, need_state
