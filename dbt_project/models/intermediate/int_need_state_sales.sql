with

sales as (

    select * from {{ ref('int_sales_checked') }}
    where reason is null

),

need_states as (

    select * from {{ ref('int_need_states') }}

),

categories as (

    select distinct
        category,
        period_count
    from {{ ref('int_periods') }}

),

allocated as (

    select
        sales.store_id,
        sales.category,
        need_states.need_state,
        {{ split_evenly(
            'sales.sales',
            'need_states.need_state_count',
            'need_states.need_state_number',
        ) }} as sales,
        {{ split_evenly(
            'sales.odd_sales',
            'need_states.need_state_count',
            'need_states.need_state_number',
        ) }} as odd_sales
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
        sum(sales) as sales,
        coalesce(sum(odd_sales), 0) as odd_sales
    from allocated
    group by store_id, category, need_state

)

select
    summed.* {{ exclude() }} (odd_sales),
    case when categories.period_count > 1 then summed.odd_sales end as odd_sales
from summed
inner join categories
    on summed.category = categories.category
