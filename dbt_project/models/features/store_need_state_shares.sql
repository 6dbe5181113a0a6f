with

need_state_sales as (

    select * from {{ ref('int_need_state_sales') }}

),

periods as (

    select distinct
        category,
        {{ period_or_whole('period_start') }} as period_start
    from need_state_sales

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

halved as (

    select
        need_state_sales.store_id,
        need_state_sales.category,
        need_state_sales.need_state,
        need_state_sales.sales,
        case
            when numbered_periods.period_count = 1 then null
            when numbered_periods.period_number % 2 = 1
                then need_state_sales.sales
            else 0
        end as odd_sales
    from need_state_sales
    inner join numbered_periods
        on
            need_state_sales.category = numbered_periods.category
            and {{ period_or_whole('need_state_sales.period_start') }}
            = numbered_periods.period_start

),

summed as (

    select
        store_id,
        category,
        need_state,
        sum(sales) as sales,
        sum(odd_sales) as odd_sales
    from halved
    group by store_id, category, need_state

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
    from summed

)

select * from shared
