with

sales as (

    select * from {{ ref('int_sales_checked') }}
    where reason is null

),

listed as (

    select
        category,
        list_sort(
            list(distinct period_start) filter (period_start is not null)
        ) as periods
    from sales
    group by category

),

halved as (

    select
        category,
        coalesce(len(periods), 0) as period_count,
        case
            when len(periods) > 1 then periods[len(periods) // 2 + 1]
        end as measured_from
    from listed

)

select * from halved
