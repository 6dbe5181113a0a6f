with

sales as (

    select * from {{ ref('int_sales_checked') }}
    where reason is null

),

need_states as (

    select * from {{ ref('int_need_states') }}

),

periods as (

    select distinct
        category,
        {{ period_or_whole('period_start') }} as period_start
    from sales

),

numbered_periods as (

    select
        category,
        period_start,
        row_number() over (
            partition by category
            order by period_start
        ) as period_number,
        count(*) over (partition by category) as period_count
    from periods

),

allocated as (

    select
        sales.store_id,
        sales.category,
        need_states.need_state,
        numbered_periods.period_number,
        numbered_periods.period_count,
        {{ split_evenly(
            'sales.sales',
            'need_states.need_state_count',
            'need_states.need_state_number',
        ) }} as sales
    from sales
    inner join need_states
        on
            sales.sku_id = need_states.sku_id
            and sales.category = need_states.category
    inner join numbered_periods
        on
            sales.category = numbered_periods.category
            and {{ period_or_whole('sales.period_start') }}
            = numbered_periods.period_start

),

summed as (

    select
        store_id,
        category,
        need_state,
        sum(sales) as sales,
        case
            when max(period_count) > 1
                then sum(case when period_number % 2 = 1 then sales else 0 end)
        end as odd_sales
    from allocated
    group by store_id, category, need_state

)

select * from summed
