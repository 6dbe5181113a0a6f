with

sales as (

    select * from {{ ref('int_sales_checked') }}
    where reason is null

),

need_states as (

    select * from {{ ref('int_need_states') }}

),

allocated as (

    select
        sales.store_id,
        sales.category,
        need_states.need_state,
        sales.period_start,
        {{ split_evenly(
            'sales.sales',
            'need_states.need_state_count',
            'need_states.need_state_number',
        ) }} as sales,
        {{ split_evenly(
            'sales.units',
            'need_states.need_state_count',
            'need_states.need_state_number',
        ) }} as units
    from sales
    inner join need_states
        on
            sales.sku_id = need_states.sku_id
            and sales.category = need_states.category

),

summed as (

    select
        store_id,
        category,
        need_state,
        period_start,
        sum(sales) as sales,
        sum(units) as units
    from allocated
    group by store_id, category, need_state, period_start

)

select * from summed
